/** The error's own words: the library's say what was found, what was expected and what to do. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
