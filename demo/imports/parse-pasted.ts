/** A pasted paper; the abstract may be `''`. */
export interface PastedPaper {
  title: string
  abstract: string
}

/** Reads blocks separated by blank lines, one paper each: the first line is the title, the rest the abstract. */
export function parsePasted(text: string): PastedPaper[] {
  return text
    .split(/(?:\r\n?|\n)(?:[^\S\r\n]*(?:\r\n?|\n))+/)
    .map((block) =>
      block
        .split(/\r\n?|\n/)
        .map(tidy)
        .filter(Boolean),
    )
    .filter((lines) => lines.length > 0)
    .map(([title, ...rest]) => ({ title: title!, abstract: rest.join(' ') }))
}

/** Text copied from a PDF has tabs, non-breaking and double spaces. */
function tidy(line: string): string {
  return line.replace(/\s+/g, ' ').trim()
}
