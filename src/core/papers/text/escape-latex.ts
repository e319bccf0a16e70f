const COMMANDS: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  // Escaped braces count as braces for BibTeX, so that a single one would never be closed.
  '{': '\\textbraceleft{}',
  '}': '\\textbraceright{}',
  $: '\\$',
  '&': '\\&',
  '%': '\\%',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
}

/** LaTeX of plain text, in UTF-8: `latexToText` gives the text back. */
export function escapeLatex(text: string): string {
  // Most texts have none of it.
  if (!/[\\{}$&%#_~^`]|--|''/.test(text)) return text
  return (
    text
      .replace(/[\\{}$&%#_~^]/g, (character) => COMMANDS[character]!)
      // Pairs that LaTeX would set as one.
      .replace(/-(?=-)/g, '-{}')
      .replace(/'(?=')/g, "'{}")
      .replace(/(?<=[`?!])`/g, '{}`')
  )
}
