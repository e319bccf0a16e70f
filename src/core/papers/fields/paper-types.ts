import type { PaperType } from '../paper.js'

/** Types of papers by a format's words. A map, because words come from files and an object would have a `constructor`. */
export type TypeTable = ReadonlyMap<string, PaperType>

/** @param words The words for each type, separated by bars. */
export function typeTable(words: Partial<Readonly<Record<PaperType, string>>>): TypeTable {
  const types = Object.keys(words) as PaperType[]
  return new Map(types.flatMap((type) => words[type]!.split('|').map((word) => [word, type] as const)))
}

/** Types by the words that exports use for them, lower case. */
export const TYPE_WORDS = typeTable({
  article:
    'article|articles|journal article|journal articles|journal|review|reviews|review article|journal paper|electronic article|magazine article|newspaper article|letter|letters|editorial|editorial material|note|short survey|comment|commentary|correspondence|randomized controlled trial|meta-analysis|systematic review|clinical trial|case report|case reports|journal-article|article-journal|article-magazine|article-newspaper|journalarticle|magazinearticle|newspaperarticle|articleinaperiodical|original article|original research|research article|research-article|article in press|early access|data paper|book review|erratum|correction|retraction|retracted publication|mini review|scholarly article|magazine|newspaper|news|periodical|peer-reviewed article|期刊|期刊论文|期刊文章|学术期刊|雑誌論文|학술논문|학술지논문|zeitschriftenartikel|zeitschriftenaufsatz|article de revue|artículo|artículo de revista|artigo|artigo de periódico|articolo|j',
  conference:
    'conference paper|conference papers|conference proceedings|proceedings paper|conference|conferenceproceedings|conferencepaper|conference abstract|conference review|proceedings article|proceedings-article|proceeding|paper-conference|conference-paper|conference article|meeting abstract|meeting|proceedings|inproceedings|presentation|speech|speeches/meeting papers|会议|会议论文|学会発表|c',
  preprint:
    'preprint|preprints|unpublished work|manuscript|posted-content|posted content|unpublished|eprint|working paper in repository',
  book: 'book|books|edited book|electronic book|monograph|edited-book|reference-book|book, whole|book, edited|ebook|b|serial|图书|図書|buch|livre|libro|livro',
  chapter:
    'book section|book chapter|book chapters|chapter|book-chapter|book part|book-part|book, section|electronic book section|booksection|book-section|encyclopedia|encyclopediaarticle|dictionaryentry|encyclopedia entry|reference entry|reference-entry|inbook|incollection|s',
  thesis:
    "thesis|theses|dissertation|dissertations|phd thesis|doctoral thesis|doctoral dissertation|master thesis|master's thesis|masters thesis|bachelor thesis|academic dissertation|dissertation/thesis|thesis/dissertation|dissertations & theses|dissertations/theses|phdthesis|mastersthesis|学位论文|硕士论文|博士论文|硕士|博士|博士論文|学位論文|학위논문",
  report:
    'report|reports|technical report|research report|government document|standard|technicalreport|techreport|working paper|discussion paper|reports - research|reports - descriptive|reports - evaluative|grey literature',
  dataset: 'dataset|online database|data|data set|database',
  software: 'computer program|computerprogram|software',
  patent: 'patent|patents|专利|特許|p',
  web: 'web|web page|webpage|internetsite|documentfrominternetsite|website|blog|blog post|blogpost|online multimedia|electronic source|electronic citation|web resource',
})
