/** Calls a caller's listener. What it throws is the caller's own fault: it shows as an uncaught error, and the work continues. */
export function notify<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value)
  } catch (error) {
    reportError(error)
  }
}
