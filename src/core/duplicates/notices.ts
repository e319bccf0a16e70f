import { cleanText } from '../papers/text/clean-text.js'
import { foldCase } from './fold-text.js'

/**
 * What a title announces about another text, which it names: an erratum, a reply, the data … Texts of different kinds are never
 * the same.
 */
export type Notice =
  | 'correction'
  | 'retraction'
  | 'reply'
  | 'comment'
  | 'protocol'
  | 'abstract'
  | 'summary'
  | 'material'
  | 'reprint'

/** A title without what it, or a database, adds about the text. */
export interface ReadTitle {
  /** The title alone; of a notice, that of the text that it is about, if it names one. */
  text: string
  notice: Notice | null
  /** Whether the record stands for several letters. */
  isJoint: boolean
  /** Whether brackets or a second title mark it as a translation. */
  isTranslated: boolean
}

/** What databases add in brackets, at either end. */
const LANGUAGES =
  'english|french|german|russian|spanish|chinese|japanese|italian|portuguese|polish|turkish|korean|czech|dutch|danish|swedish|norwegian|hungarian|persian|hebrew|arabic|ukrainian|serbian|croatian|greek'
const INSIDE = '(?:[^\\][()]|\\([^)]*\\)|\\[[^\\]]*\\])*'
const ADDED = new RegExp(
  `[[(<](?:\\d+ refs?|(?:provisional |structured |meeting |conference )?abstract|brief record|review(?: article)?|letter|editorial|comment|see comments?|summary|(?:as )?corrected|author'?s transl|proceedings|electronic resource|clinical trial|(?:in )?(?:${LANGUAGES})` +
    `|(?:published |an? )?(?:erratum|errata|correction|corrected|corrigendum|retraction|comment|expression of concern|republication)[^\\](]* (?:appears|in|on|published)\\b${INSIDE}` +
    '|(?:this article has been )?(?:retracted|withdrawn)(?: (?:article|paper|publication))?(?:[.:,;] ?(?:see|vol|in)[^\\])]*)?' +
    '|version \\d+[^\\])]*)[\\])>]\\s*\\.?',
  'gi',
)
const TAIL =
  /(?:\.\.\.|…|\.)?\s*(?:including (?:commentary|discussion|comments?) (?:by|with|and)\b.*|with (?:commentary|discussion) by\b.*)$/i
/** A long title may be cut within what was added in brackets. */
const UNCLOSED = /\s*[[(][^\])]*$/
const LONG = 120
const STATUS = /^\W*(?:retracted|withdrawn)(?: (?:article|paper|publication))?\s*[:.\])-]+\s*/i
const JOINT =
  /(?:[[(]?\d*[\])]?)\s*[[(]\s*(?:multiple|several|various) (?:letters|comments|replies)\s*[\])]\s*(?:[[(]?\d*[\])]?)\s*/i
const ORIGINAL = /\s*(?:<original>|[[(]original(?: title)?\s*[:\]]).*$/i

/** Labels that a journal or database puts before the title of the text itself. */
const NEUTRAL =
  /^\W*(?:original (?:research|articles?|contributions?|investigations?|papers?|stud(?:y|ies))|research (?:articles?|papers?|letters?|reports?)|full (?:papers?|length articles?)|articles?|reviews?|review articles?|clinical (?:research|articles?)|case reports?|brief (?:reports?|communications?)|short (?:reports?|communications?)|rapid communications?|technical notes?|originalarbeit|originalien|articulos? original(?:es)?|articles? origina(?:l|ux)|artigos? origina(?:l|is)|оригинальная статья|论著|原著)\s*(?:[:|\]]|\.(?=\s)|[-–—](?=\s))\s*/

const WORDS = {
  correction:
    "expressions? of concern|errat(?:um|a)|corrigend(?:um|a)|(?:author |publisher['’]?s? )?corrections?|addend(?:um|a)|berichtigung|korrektur|fe de erratas|correccion|correctif|errata corrige|поправка|исправление|勘误|更正|訂正",
  retraction:
    'retractions?(?: note| notice)?|(?:notice|note) of retraction|retracted|withdrawal(?: notice)?|ruckzug|retractacion|撤稿声明?',
  reply:
    "(?:the )?(?:authors?['’]?s?['’]? )?(?:repl(?:y|ies)|responses?|responds?|rejoinder)|in (?:reply|response)|antwort|erwiderung|reponse(?: des auteurs)?|respuesta(?: de los autores)?|resposta|replica|ответ(?: авторов)?|作者回复",
  comment:
    '(?:invited |editorial )?(?:comments?|commentary)|letters?(?: to the editors?)?|discussion|re|regarding|kommentar|leserbrief|commentaires?|comentarios?|комментарий|评论',
  summary:
    'summar(?:y|ies) for patients|in brief|(?:acp|evidence[- ]based) journal club|journal club|patient (?:page|information|summary)|plain[- ]language summary|synopsis|digest|research highlights?',
  material:
    '(?:data|dataset|code|software)(?: (?:from|for|of))?(?=\\s*[:"“«])|replication (?:data|files?|materials?)(?: for)?|supplement(?:ary|al)? (?:materials?|information|data|files?)(?: (?:from|for|to|of))?|supplement to|additional files? ?\\d*(?: (?:of|from|for))?|online appendix(?: (?:to|for))?',
  reprint: 'republished|reprint(?:ed)?(?: of)?|republication of|reprinted from',
} as const satisfies Partial<Record<Notice, string>>

/** What a paper before a trial describes: `rationale, design and methods of the trial`. */
const DESIGN =
  '(?:study |trial )?(?:protocol|design|methods|methodology|rationale|objectives|aims|background|baseline characteristics)'

/** `Erratum to: …`, `Letter by A and B regarding the article, "…"`, and `… (vol 12, pg 201, 2019)`, `… - Reply`. */
const RULES: readonly (readonly [Notice, RegExp])[] = [
  ['reply', starts(`(?:${WORDS.reply})(?: (?:to|by|from)\\b[^:"“«]{0,80}?)?`)],
  [
    'comment',
    /^\W*(?:letter|comment|commentary|response) (?:by|from)\b.{1,120}?(?:regarding|on|about|to) (?:the )?(?:article|paper|letter)?\W+/,
  ],
  ['retraction', starts(`(?:${WORDS.retraction})(?: (?:to|of|for))?`)],
  ['correction', starts(`(?:${WORDS.correction})(?: (?:to|for|of|zu|zum))?`)],
  ['comment', starts(`(?:${WORDS.comment})(?: (?:on|of|to|zu|sur|sobre|a))?(?: (?:the )?(?:article|paper))?`)],
  ['summary', starts(`(?:${WORDS.summary})`)],
  ['material', starts(`(?:${WORDS.material})`)],
  ['reprint', starts(`(?:${WORDS.reprint})`)],
  ['retraction', /\s*[[(]retraction of (?:publication\b|vol\b)[^\])]*[\])]\W*$/],
  ['correction', /\s*[[(](?:[^\])]*,\s*)?vol(?:ume)?\.? ?\w+,? (?:(?:pg|pp?|pages?)\.? ?)?[a-z]?\d+[^\])]*[\])]\W*$/],
  ['correction', ends(WORDS.correction)],
  ['reply', ends(`(?:an? )?(?:${WORDS.reply})`)],
  ['comment', ends('(?:an? )?(?:(?:invited )?comment(?:ary)?|letter to the editor|kommentar|comentario|commentaire)')],
  [
    'protocol',
    /(?:[:.,–—-]\s*)?(?:a |the )?(?:(?:study|trial|review|research) protocol|protocol (?:for|of) (?:a|an|the)\b|studienprotokoll|protocole d'?etude|protocolo (?:de|del|do)\b|протокол исследования|研究方案)(?: (?:for|of) (?:an? |the )?.{0,80})?/,
  ],
  [
    'protocol',
    new RegExp(
      `\\s*[:.–—-]\\s*(?:an? |the |our )?(?=[^:]*\\b(?:rationale|protocol|(?:study|trial) design|design and|and design)\\b)${DESIGN}(?:(?:,| and|, and) ${DESIGN})*(?: (?:of|for) (?:an? |the )?.{0,100})?\\W*$`,
    ),
  ],
]

function starts(words: string): RegExp {
  return new RegExp(
    `^\\W*(?:${words})\\s*(?:[:"“«|\\]]|\\.(?=\\s)|[-–—](?=\\s)|(?<= (?:to|on|of|for|from|zu|sur|sobre) ?)|$)\\W*`,
  )
}

function ends(words: string): RegExp {
  return new RegExp(`\\s*[[(:.–—-]\\s*(?:${words})\\s*[\\])]?\\W*$`)
}

/** The shortest title of a text that a notice may be about. */
const SUBJECT_CHARACTERS = 8

/** Reads a title of any database: plain text, in one case. */
export function readTitle(raw: string): ReadTitle {
  // Some exports escape their markup twice.
  const plain = raw.includes('\\') ? withoutLatex(raw) : raw
  const clean = repaired(cleanText(cleanText(plain).replaceAll(/&[lg]t;/g, (entity) => (entity === '&lt;' ? '<' : '>'))))
  const isBracketed = /^\s*\[[^[\]]+(?:\[[^\]]*\][^[\]]*)*\]\.?\s*(?:\[[^\]]*\]\s*)?$/.test(clean)
  const isJoint = JOINT.test(clean)
  let text = clean
  for (const pattern of [JOINT, ORIGINAL, ADDED, ...(clean.length > LONG ? [UNCLOSED] : []), TAIL, STATUS])
    text = orWhole(text.replace(pattern, ' ').trim(), text)
  text = foldCase(text)
  const isTranslated = isBracketed || ORIGINAL.test(clean)
  const bare = orWhole(text.replace(NEUTRAL, ''), text)
  for (const [notice, pattern] of RULES) {
    if (!pattern.test(bare)) continue
    const subject = bare.replace(pattern, ' ').trim()
    // The subject of a correction may be followed by its place: `(J Ferns (2003) 142 (310-317))`.
    const alone = notice === 'correction' || notice === 'retraction' ? subject.replace(/\s*[[(].*\d.*[\])]\W*$/, '') : subject
    return { text: alone.length >= SUBJECT_CHARACTERS ? alone : bare, notice, isJoint, isTranslated }
  }
  const isAbstract = /[[(](?:meeting|conference) abstract[\])]|^\W*(?:abstract|poster)\s*(?:no\.?\s*)?[a-z]{0,3}-?\d+\b/i.test(
    clean,
  )
  return { text: bare, notice: isAbstract ? 'abstract' : null, isJoint, isTranslated }
}

/** Accents and letters in LaTeX as plain letters, since only folded letters are compared: `{\\"U}ber`, `Gro\\ss{}`. */
function withoutLatex(text: string): string {
  return text
    .replace(
      /\\["'`^~=.]\s*\{?(\p{L})\}?|\\[Hckruvdb](?:\{(\p{L})\}|\s+(\p{L}))/gu,
      (_, ...letters) => letters.find(Boolean) as string,
    )
    .replace(/\\(ss|[aAoO][eE]|aa|AA|[oOlLij])(?![a-zA-Z])\s*(?:\{\})?/g, '$1')
    .replace(/\{(\p{L}+)\}/gu, '$1')
}

const orWhole = (part: string, whole: string) => (/[\p{L}\p{N}]/u.test(part) ? part : whole)

/** UTF-8 that was read as Windows-1252: `ErnÃ¤hrung`. */
const MISREAD = /[ÃÂÐÑ][\u0080-\u00bf\u0152-\u02dc\u2013-\u203a\u20ac\u2122]/
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function repaired(text: string): string {
  if (!MISREAD.test(text)) return text
  const bytes = [...text].map((letter) => {
    const at = WINDOWS_1252.indexOf(letter)
    return at >= 0 ? 0x80 + at : letter.codePointAt(0)!
  })
  if (bytes.some((byte) => byte > 0xff)) return text
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes))
  } catch {
    return text
  }
}
