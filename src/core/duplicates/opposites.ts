import { single } from './spelling.js'

/**
 * Words that exclude each other, by their beginnings, in the languages of most titles. A text on one side is another text than one
 * on the other, even if all else agrees.
 */
const CLASSES: readonly string[] = [
  'men man male males boy boys father fathers husbands paternal manner mannlich jungen hommes garcons masculin hombres varones ninos homens meninos uomini maschi mannen jongens menn mezczyzn мужчин мальчик юнош 男' +
    '/women woman female females girl girls mother mothers wives maternal frauen weiblich madchen femmes filles feminin mujeres ninas mulheres meninas donne femmine vrouwen meisjes kvinn kvind kobiet женщин девоч девуш 女',
  'left links linke gauche izquierd esquerd sinistr linker lew лев 左/right rechts rechte droit derech direit destr rechter praw прав 右',
  'upper superior ober superieur supérieur сверх верхн 上/lower inferior unter inferieur нижн 下',
  'anterior vorder передн 前/posterior hinter задн 后 後',
  'proximal/distal',
  'medial/lateral',
  'unilateral einseitig/bilateral beidseitig',
  'child children kinder enfant ninos criancas bambini kinderen dzieci дет 儿 児 小児/adolescent adolescents jugendlich adolescente подрост 青/adult adults erwachsen adultes adultos adulti volwassen doroslych взросл 成/elderly older aged senior altere ancianos idosos anziani пожил 老',
  'younger young jungere jeunes jovenes молод/older old altere ages mayores пожил',
  'neonates newborn neonat/infants infant',
  'acute akut aigu aguda agudo acuta ostr остр 急/chronic chronisch chronique cronic przewlek хрон 慢',
  'before vor avant antes prima voor przed pre preoperative до 前/during wahrend pendant durante tijdens podczas intraoperative во 中/after nach apres despues depois dopo na po post postoperative после 后 後',
  'with mit avec con com met с/without ohne sans sin sem senza zonder bez без',
  'high hoch haut alta alto высок 高/low niedrig bas baja bajo baixa bassa basso низк 低',
  'increase increased increasing higher/decrease decreased decreasing lower reduced',
  'early fruh precoce temprana 早/late spat tardi 晚',
  'short kurz courte corta/long lang longue larga',
  'urban stadtisch urbain urbana/rural landlich',
  'inpatient inpatients stationar/outpatient outpatients ambulant',
  'morning/evening/night nacht',
  'summer sommer летом 夏/winter зимой 冬',
  'benign/malignant',
  'primary primar/secondary sekundar',
  'internal innere/external aussere',
  'sensitive/resistant',
  'positive/negative',
  'systolic/diastolic',
  'systemic/topical',
  'open/closed',
]
/** Each word's class and side, as one number. */
const ENTRIES: readonly (readonly [word: string, side: number])[] = CLASSES.flatMap((sides, index) =>
  sides.split('/').flatMap((words, side) => words.split(' ').map((word) => [single(word), 4 * index + side] as const)),
)
/** Short beginnings are whole words: `na`, `po`, `men`. */
const WHOLE_WORD = 5

/** Opposites that differ in their beginning, of which the other may have none. */
const PREFIXES =
  'hyper/hypo in/de pre/post intra/inter intra/extra inter/extra macro/micro in/out over/under un/ non/ in/ anti/ a/'
    .split(' ')
    .map((pair) => pair.split('/') as [string, string])

/** Words that turn a title into its opposite wherever they are inserted. */
const NEGATIONS = new Set(
  'no non not without never lack absence nicht kein keine ohne sans aucun sin nunca sem nao senza niet geen zonder nie bez не без нет 不 无 無 非'.split(
    ' ',
  ),
)

/** Whether two words, in the spelling of titles, exclude each other: `men` and `women`, `hyperopia` and `hypopia`. */
export function areOpposite(a: string, b: string): boolean {
  if (a === b) return false
  if (PREFIXES.some(([x, y]) => isSwapped(a, b, x, y) || isSwapped(a, b, y, x))) return true
  const [sidesA, sidesB] = [sidesOf(a), sidesOf(b)]
  // One class, but not one side of it.
  return sidesA.some((x) => sidesB.some((y) => x !== y && x >> 2 === y >> 2 && !sidesA.includes(y)))
}

/** The sides of a word, since the words of a library are few. */
const KNOWN = new Map<string, readonly number[]>()
const MOST_KNOWN = 50_000

function sidesOf(word: string): readonly number[] {
  let sides = KNOWN.get(word)
  if (sides === undefined) {
    if (KNOWN.size >= MOST_KNOWN) KNOWN.clear()
    sides = ENTRIES.filter(([own]) => word === own || (own.length >= WHOLE_WORD && word.startsWith(own))).map(([, side]) => side)
    KNOWN.set(word, sides)
  }
  return sides
}

/** Whether a word that only one title has negates it. */
export const isNegation = (word: string) => NEGATIONS.has(word)

const isSwapped = (a: string, b: string, x: string, y: string) =>
  a.startsWith(x) && b.startsWith(y) && a.slice(x.length) === b.slice(y.length)
