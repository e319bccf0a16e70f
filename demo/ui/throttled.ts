/** Passes on at most ten calls a second and drops the others, so that progress does not flood the page. */
export function throttled<T>(call: (value: T) => void): (value: T) => void {
  let last = 0
  return (value) => {
    if (performance.now() - last < 100) return
    last = performance.now()
    call(value)
  }
}
