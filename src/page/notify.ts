/** Calls a caller's listener. If it throws, the error is reported as uncaught and the work continues. */
export function notify<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value)
  } catch (error) {
    reportError(error)
  }
}
