const COMMANDS: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  // BibTeX counts escaped braces as braces, so a single one would never be closed.
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

/** Escapes plain text as LaTeX, so that `latexToText` restores it. */
export function escapeLatex(text: string): string {
  // Most texts need no escaping.
  if (!/[\\{}$&%#_~^`]|--|''/.test(text)) return text
  return (
    text
      .replace(/[\\{}$&%#_~^]/g, (character) => COMMANDS[character]!)
      // Pairs that LaTeX would combine.
      .replace(/-(?=-)/g, '-{}')
      .replace(/'(?=')/g, "'{}")
      .replace(/(?<=[`?!])`/g, '{}`')
  )
}
