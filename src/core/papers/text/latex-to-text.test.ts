import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collapse } from './clean-text.js'
import { escapeLatex } from './escape-latex.js'
import { latexToText } from './latex-to-text.js'

describe('LaTeX becomes Unicode', () => {
  test.each([
    [String.raw`G{\"a}hler`, 'Gähler'],
    [String.raw`Vrande{\v c}i{\' c}`, 'Vrandečić'],
    [String.raw`Bostr\"{o}m and W\"{a}yrynen`, 'Boström and Wäyrynen'],
    [String.raw`Krej{\v{c}}{\'{\i}}`, 'Krejčí'],
    [String.raw`Or{\l}owski, Ragnhei{\d}ur`, 'Orłowski, Ragnheiur'],
    [String.raw`H{\aa}kan and {\O}ystein`, 'Håkan and Øystein'],
    [String.raw`Fa\c{c}ade na\"\i ve`, 'Façade naïve'],
    ['{{Theories of {Globalization}}}', 'Theories of Globalization'],
    ['Cu$_2$O thin films, $x_{1}^2$, 10$^{-3}$', 'Cu₂O thin films, x₁², 10⁻³'],
    [String.raw`$\alpha$-helix and $\beta$ sheets`, 'α-helix and β sheets'],
    [String.raw`Arity $\le\omega$`, 'Arity ≤ω'],
    [String.raw`$\frac{a+1}{b}$ and $\sqrt{2}$ in $\mathbb{R}^3$`, 'a+1/b and √2 in ℝ³'],
    ["``Anomalous'' Cepheids, pages 1--2 --- all", '“Anomalous” Cepheids, pages 1–2 — all'],
    [String.raw`Oil \& Gas: 100\% of \$5 \#1 a\_b`, 'Oil & Gas: 100% of $5 #1 a_b'],
    [String.raw`\emph{emph} and \enquote{enquote}`, 'emph and “enquote”'],
    [String.raw`16\textsuperscript{th} Conference`, '16ᵗʰ Conference'],
    [String.raw`\href{https://a.org/x_y}{\texttt{a.org}}`, 'a.org'],
    [String.raw`\url{https://a.org/~x_y}`, 'https://a.org/~x_y'],
    [String.raw`a\&b\%c\$d\#e\_f\textasciitilde{}\textasciicircum{}\textbackslash{}`, 'a&b%c$d#e_f~^\\'],
    [String.raw`pre\-{C}olumbian`, 'preColumbian'],
    ['costs $5', 'costs $5'],
    ["?`Qu\\'e?", '¿Qué?'],
    [String.raw`Nanowires\ding{73} \symbol{"2606}`, 'Nanowires✩ ☆'],
    [String.raw`\unknown{kept} and \ce{H2O}`, 'kept and H2O'],
    ['unbalanced } and {', 'unbalanced  and '],
  ])('%s', (latex, text) => {
    expect(latexToText(latex)).toBe(text)
  })

  test('any text is restored after escaping', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(collapse(latexToText(escapeLatex(text)))).toBe(collapse(text))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'\\{}$&%#_~^-\'`"?! ab') }), (text) => {
        expect(latexToText(escapeLatex(text))).toBe(text)
      }),
    )
  })

  test('endless nesting is read flat', () => {
    for (const piece of ['{', '\\emph', "\\'", '\\(', '$', '$\\sqrt', '^', '$x_'])
      expect(typeof latexToText(piece.repeat(200_000))).toBe('string')
  })

  test('any fragment can be read', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'\\{}$_^~`\'"a-[] ') }), (latex) => void latexToText(latex)))
  })
})
