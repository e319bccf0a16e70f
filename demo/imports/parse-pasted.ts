/** Title and abstract of a pasted paper; the abstract is `''` where there is none. */
export interface PastedPaper {
  title: string
  abstract: string
}

/** One paper a block, blank lines between blocks: the first line is the title, the rest the abstract. */
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

/** Tabs, non-breaking and double spaces come along with text from a PDF. */
function tidy(line: string): string {
  return line.replace(/\s+/g, ' ').trim()
}
