/** Accent commands, and the combining character that follows the letter. */
export const ACCENTS: Readonly<Record<string, string>> = {
  '`': '\u0300',
  "'": '\u0301',
  '^': '\u0302',
  '~': '\u0303',
  '=': '\u0304',
  u: '\u0306',
  '.': '\u0307',
  '"': '\u0308',
  r: '\u030a',
  H: '\u030b',
  v: '\u030c',
  d: '\u0323',
  c: '\u0327',
  k: '\u0328',
  b: '\u0331',
  G: '\u030f',
  U: '\u030e',
  h: '\u0309',
  t: '\u0361',
  acute: '\u0301',
  grave: '\u0300',
  hat: '\u0302',
  widehat: '\u0302',
  tilde: '\u0303',
  widetilde: '\u0303',
  bar: '\u0304',
  overline: '\u0305',
  breve: '\u0306',
  dot: '\u0307',
  ddot: '\u0308',
  mathring: '\u030a',
  check: '\u030c',
  vec: '\u20d7',
  textacutedbl: '\u030b',
  textogonekcentered: '\u0328',
  textcommabelow: '\u0326',
  not: '\u0338',
  underline: '',
}

/** Commands that stand for a character or a text. */
const TEXT =
  'ss:ß SS:ẞ o:ø O:Ø l:ł L:Ł ae:æ AE:Æ oe:œ OE:Œ aa:å AA:Å i:ı j:ȷ imath:ı jmath:ȷ dh:ð DH:Ð th:þ TH:Þ dj:đ DJ:Đ ng:ŋ NG:Ŋ ij:ĳ IJ:Ĳ ' +
  'S:§ P:¶ dag:† ddag:‡ dagger:† ddagger:‡ copyright:© pounds:£ textsterling:£ texteuro:€ euro:€ textyen:¥ textcent:¢ textdollar:$ ' +
  'textcopyright:© textregistered:® texttrademark:™ textordfeminine:ª textordmasculine:º textdegree:° degree:° textmu:µ ' +
  'textendash:– textemdash:— textquoteleft:‘ textquoteright:’ textquotedblleft:“ textquotedblright:” quotedblbase:„ quotesinglbase:‚ ' +
  'guillemotleft:« guillemotright:» guillemetleft:« guillemetright:» guilsinglleft:‹ guilsinglright:› flqq:« frqq:» glqq:„ grqq:“ ' +
  'lq:‘ rq:’ textquotesingle:\' textquotedbl:" textasciigrave:` textasciiacute:´ textasciidieresis:¨ textasciimacron:¯ ' +
  'textbackslash:\\ backslash:\\ textasciitilde:~ textasciicircum:^ textbraceleft:{ textbraceright:} lbrace:{ rbrace:} textunderscore:_ ' +
  'textbar:| textless:< textgreater:> lt:< gt:> textbullet:• bullet:• textperiodcentered:· cdot:· cdotp:· textexclamdown:¡ ' +
  'textquestiondown:¿ textinterrobang:‽ textinterrobangdown:⸘ textellipsis:… ldots:… dots:… cdots:⋯ vdots:⋮ ddots:⋱ textpm:± texttimes:× ' +
  'textdiv:÷ textonehalf:½ textonequarter:¼ textthreequarters:¾ textonesuperior:¹ texttwosuperior:² textthreesuperior:³ textsection:§ ' +
  'textparagraph:¶ textdagger:† textdaggerdbl:‡ textnumero:№ textperthousand:‰ permil:‰ textmusicalnote:♪ textvisiblespace:␣ ' +
  'TeX:TeX LaTeX:LaTeX LaTeXe:LaTeX2ε BibTeX:BibTeX textohm:Ω ohm:Ω celsius:℃ textcelsius:℃ angstrom:Å micro:µ slash:/ ' +
  'quad:\u2003 qquad:\u2003 space:\u0020 enspace:\u2002 thinspace:\u2009 newline:\u0020 linebreak:\u0020 par:\u0020 nobreakspace:\u0020 ' +
  'allowbreak: relax: protect: noopsort: noindent: centering: discretionary: hfill: displaystyle: textstyle: limits: nolimits: left: right: ' +
  'big: Big: bigg: Bigg: bigl: bigr: Bigl: Bigr: middle: rm: it: bf: sf: tt: sc: em: sl: cal: normalfont: itshape: bfseries: scshape: ' +
  'mdseries: upshape: small: footnotesize: scriptsize: tiny: large: Large: normalsize: selectfont: boldmath: unboldmath: nocorr: ' +
  'cyrchar: unskip: ignorespaces: leavevmode: raggedright: sloppy: null: strut: vphantom: hskip: '
const MATH =
  'alpha:α beta:β gamma:γ delta:δ epsilon:ϵ varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι kappa:κ varkappa:ϰ lambda:λ mu:μ nu:ν xi:ξ ' +
  'omicron:ο pi:π varpi:ϖ rho:ρ varrho:ϱ sigma:σ varsigma:ς tau:τ upsilon:υ phi:ϕ varphi:φ chi:χ psi:ψ omega:ω Gamma:Γ Delta:Δ Theta:Θ ' +
  'Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Upsilon:Υ Phi:Φ Psi:Ψ Omega:Ω textalpha:α textbeta:β textgamma:γ textdelta:δ textepsilon:ε textlambda:λ textomega:ω ' +
  'pm:± mp:∓ times:× div:÷ ast:∗ star:⋆ circ:∘ wedge:∧ vee:∨ land:∧ lor:∨ lnot:¬ neg:¬ oplus:⊕ ominus:⊖ otimes:⊗ oslash:⊘ odot:⊙ ' +
  'leq:≤ le:≤ geq:≥ ge:≥ ll:≪ gg:≫ neq:≠ ne:≠ equiv:≡ sim:∼ simeq:≃ approx:≈ cong:≅ propto:∝ lesssim:≲ gtrsim:≳ leqslant:⩽ geqslant:⩾ ' +
  'prec:≺ succ:≻ preceq:⪯ succeq:⪰ subset:⊂ supset:⊃ subseteq:⊆ supseteq:⊇ in:∈ ni:∋ notin:∉ cup:∪ cap:∩ setminus:∖ emptyset:∅ varnothing:∅ ' +
  'forall:∀ exists:∃ nexists:∄ nabla:∇ partial:∂ infty:∞ aleph:ℵ hbar:ℏ ell:ℓ wp:℘ Re:ℜ Im:ℑ prime:′ angle:∠ triangle:△ square:□ Box:□ ' +
  'sum:∑ prod:∏ coprod:∐ int:∫ oint:∮ iint:∬ bigcup:⋃ bigcap:⋂ bigoplus:⨁ bigotimes:⨂ surd:√ ' +
  'to:→ rightarrow:→ leftarrow:← gets:← leftrightarrow:↔ Rightarrow:⇒ Leftarrow:⇐ Leftrightarrow:⇔ iff:⇔ implies:⇒ mapsto:↦ uparrow:↑ downarrow:↓ ' +
  'longrightarrow:⟶ longleftarrow:⟵ hookrightarrow:↪ rightleftharpoons:⇌ leadsto:⇝ nearrow:↗ searrow:↘ textrightarrow:→ textleftarrow:← ' +
  'langle:⟨ rangle:⟩ lceil:⌈ rceil:⌉ lfloor:⌊ rfloor:⌋ vert:| Vert:‖ mid:∣ parallel:∥ perp:⊥ bot:⊥ top:⊤ vdash:⊢ dashv:⊣ models:⊨ therefore:∴ because:∵ ' +
  'diamond:⋄ Diamond:◇ heartsuit:♡ spadesuit:♠ clubsuit:♣ diamondsuit:♢ sharp:♯ flat:♭ natural:♮ checkmark:✓ dashrightarrow:⇢ rtimes:⋊ ltimes:⋉ wr:≀ ' +
  'sin:sin cos:cos tan:tan cot:cot log:log ln:ln exp:exp lim:lim max:max min:min sup:sup inf:inf arg:arg det:det dim:dim ker:ker gcd:gcd Pr:Pr mod:mod bmod:mod ' +
  'colon:: lbrack:[ rbrack:] sun:☉ odotsun:☉ earth:♁ micron:μm'

/** Commands without arguments, and the text that they stand for. */
export const SYMBOLS: ReadonlyMap<string, string> = new Map(
  `${TEXT}${MATH}`.split(' ').map((entry) => {
    const colon = entry.indexOf(':')
    return [entry.slice(0, colon), entry.slice(colon + 1)]
  }),
)

const characters = (from: string, to: string) => new Map([...from].map((character, index) => [character, [...to][index]!]))
/** Characters that Unicode has as superscripts. */
export const SUPERSCRIPTS = characters(
  '0123456789+-−=()niabcdefghjklmoprstuvwxyz∘°′∗*',
  '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ°°′**',
)
/** Characters that Unicode has as subscripts. */
export const SUBSCRIPTS = characters('0123456789+-−=()aehijklmnoprstuvx', '₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ')
/** Letters of `\mathbb`. */
export const DOUBLE_STRUCK = characters('CHNPQRZ', 'ℂℍℕℙℚℝℤ')
