import type { Paper } from '../paper.js'

/** The properties that a column can hold. */
export const COLUMN_PROPERTIES = [
  'id',
  'title',
  'abstract',
  'authors',
  'year',
  'venue',
  'volume',
  'issue',
  'pages',
  'doi',
  'pmid',
  'arxivId',
  'url',
  'keywords',
  'type',
  'key',
] as const satisfies (keyof Paper)[]
/** One of `COLUMN_PROPERTIES`. */
export type ColumnProperty = (typeof COLUMN_PROPERTIES)[number]
/** What a column can hold: a property, the first or last page, or an article number. */
export type ColumnRole = ColumnProperty | 'firstPage' | 'lastPage' | 'articleNumber'

/**
 * Headings of Scopus, Web of Science, Embase, PubMed, ProQuest, EBSCO, IEEE, ACM, SpringerLink, Dimensions, Lens, OpenAlex,
 * Cochrane, ClinicalTrials.gov, CNKI, Publish or Perish, Elicit, Zotero, EndNote, RefWorks, Mendeley, JabRef, ASReview, Rayyan,
 * Covidence, EPPI-Reviewer, DistillerSR and of tables made by hand, best first; the last line of each is in other languages.
 */
const HEADINGS: Readonly<Record<ColumnRole, string>> = {
  id: 'id|record id|paper id|_id|corpus id|openalex id|item id|ref id|covidence #|internal id|paper_id|publication id|lens id|nct number|cochrane review id',
  title:
    'title|primary title|title primary|article title|document title|item title|study title|paper title|display name|brief title|official title|t1|ti|titles|name of article|publication title original|original title|title original|title english|english title|' +
    'titel|titre|título|titolo|tytuł|başlık|başlığı|makale adı|tittel|otsikko|název|cím|название|заглавие|назва|τίτλος|عنوان|标题|題名|题名|篇名|標題|论文题目|文题|タイトル|論題|表題|論文名|제목|논문명|논문제목',
  abstract:
    'abstract|abstract note|abstracts|abstract text|abstract english|english abstract|notes abstract|n2|ab|description|summary|brief summary|' +
    'zusammenfassung|kurzfassung|résumé|resumen|resumo|riassunto|sommario|samenvatting|streszczenie|özet|sammanfattning|sammendrag|tiivistelmä|abstrakt|аннотация|реферат|резюме|περίληψη|摘要|内容摘要|抄録|要旨|要約|초록|요약',
  authors:
    'author full names|authors|author names|author|authors primary|author s|item authors|authorships raw author name|authorships author display name|first authors|authors with affiliations raw|af|au|inventors|creator|creators|a1|investigators|author list|author string|' +
    'autor|autoren|verfasser|auteur|auteurs|autores|autore|autori|autorzy|yazar|yazarlar|författare|forfatter|forfattere|tekijä|tekijät|автор|авторы|συγγραφείς|συγγραφέας|المؤلف|作者|著者|著者名|저자|저자명|作者名',
  year:
    'year|publication year|published year|year of publication|pub year|year published|py|yr|publication date|date published|date of publication|date|issued|published|cover date|y1|pub date|start date|study start|first posted|online date|print publication date|' +
    'jahr|erscheinungsjahr|datum|fecha|дата|année|année de publication|date de publication|año|año de publicación|ano|ano de publicação|anno|jaar|rok|rok wydania|yıl|yayın yılı|år|vuosi|год|год издания|рік|έτος|سنة|年|年份|出版年|发表时间|发表年份|发行年|発行年|出版年|発行日|연도|발행연도|발행년도|발행년|출판년도',
  venue:
    'journal|source title|journal name|journal title|publication title|periodical full|venue|container title|publication name|pub title|parent title|primary location source display name|host venue display name|journal book|source|secondary title|anthology title|book title|proceedings title|title secondary|host|jt|jf|t2|so|conference|conference name|booktitle|publication|periodical|periodical abbrev|full journal name|source name|source publication|series title|journal abbreviation|abbreviated source title|journal iso abbreviation|iso abbreviation|journal abbrev|' +
    'zeitschrift|journal zeitschrift|quelle|revue|périodique|revista|periódico|fuente|fonte|rivista|tijdschrift|bron|czasopismo|dergi|dergi adı|tidskrift|tidsskrift|kilde|lehti|časopis|журнал|название журнала|источник|περιοδικό|期刊|刊名|来源|文献来源|期刊名称|来源期刊|雑誌名|掲載誌|誌名|収録刊行物|저널|학술지|학술지명|저널명|간행물명',
  volume:
    'volume|volume number|journal volume|vl|vol|vo|biblio volume|' +
    'band|jahrgang|jg|tome|volumen|jaargang|tom|cilt|årgång|bind|том|τόμος|卷|卷号|巻|권',
  issue:
    'issue|issue number|journal issue|is|number|no|biblio issue|ip|period|issue no|' +
    'heft|ausgabe|numéro|número|fascicolo|numero|aflevering|zeszyt|numer|sayı|nummer|выпуск|номер|τεύχος|期|期号|号|호',
  pages:
    'pages|page|page range|page numbers|pagination|article pages|page info|pg|pp|' +
    "seiten|seite|páginas|página|pagine|pagina's|paginas|strony|sayfa|sayfalar|sidor|sider|sivut|страницы|стр|σελίδες|页码|页|頁|頁数|ページ|페이지|쪽",
  firstPage:
    'start page|page start|first page|begin page|sp|bp|beginning page|biblio first page|起始页|開始ページ|startseite|시작페이지',
  lastPage: 'end page|page end|last page|ep|other pages|ending page|biblio last page|结束页|終了ページ|endseite|끝페이지',
  articleNumber: 'article number|art no|ar|article no|art number|e location|elocation id|eid page|electronic page',
  doi: 'doi|digital object identifier|di|do|doi link|doi url|article doi|item doi|publication doi|identifiers|external ids|ids doi',
  pmid: 'pmid|pubmed id|pm|pubmed pmid|medline pmid|pubmed|ids pmid|pubmed unique identifier|identifiers|external ids',
  arxivId: 'arxiv|arxiv id|eprint|arxiv identifier|identifiers|external ids|archive id',
  url: 'url|link|urls|links|ur|article url|document url|study url|item url|web address|source urls|source url|pdf link|full text url|fulltext url|doi link|doi url|external url|dimensions url|open url link|file attachments2|webseite|lien|enlace|ссылка|链接|网址|링크',
  keywords:
    'keywords|author keywords|keyword|kw|de|tags|manual tags|automatic tags|keywords author|keywords display name|concepts display name|topics display name|index keywords|keywords plus|index terms|mesh terms|mesh|mesh headings|ieee terms|subjects|subject terms|subject|descriptors|conditions|emtree medical index terms|' +
    'schlagwort|schlagwörter|schlüsselwörter|stichworte|mots clés|mots-clés|palabras clave|palavras-chave|parole chiave|trefwoorden|słowa kluczowe|anahtar kelimeler|nyckelord|nøgleord|nøkkelord|avainsanat|ключевые слова|λέξεις κλειδιά|关键词|關鍵詞|キーワード|키워드|주제어',
  type: 'type|document type|item type|publication type|content type|reference type|type of reference|doc type|article type|dt|ty|entry type|dokumenttyp|typ|文献类型|资料类型',
  key: 'key|citation key|citekey|bibtex key|ut unique wos id|ut|eid|accession number|an|accession|store id|document identifier',
}

/** A heading for comparison: without marks, case, white space and punctuation. */
function headingKey(heading: string): string {
  return heading
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ı', 'i')
    .replace(/[^\p{L}\p{N}#]/gu, '')
}

/** Each known heading's roles, with its rank among those of the role. */
const ROLES: ReadonlyMap<string, readonly (readonly [role: ColumnRole, rank: number])[]> = (() => {
  const roles = new Map<string, (readonly [ColumnRole, number])[]>()
  for (const [role, names] of Object.entries(HEADINGS) as [ColumnRole, string][])
    for (const [rank, name] of names.split('|').entries()) {
      const key = headingKey(name)
      roles.set(key, [...(roles.get(key) ?? []), [role, rank]])
    }
  return roles
})()

/** The forms in which a heading is looked up: whole, then without unit or note or in one of two languages, then in the singular. */
function forms(heading: string): string[] {
  const whole = heading.replace(/^\ufeff/, '').trim()
  const bare = whole.replace(/\s*[([{（【][^)\]}）】]*[)\]}）】]\s*$/u, '')
  // CNKI writes `Title-题名`, others `Titel / Title`.
  const double = /[^\u0020-\u024f]/.test(bare) ? /^(.+?)\s*[-/|]\s*(.+)$/u.exec(bare) : /^(.+?)\s[-/|]\s(.+)$/u.exec(bare)
  const keys = [whole, bare, ...(double ? [double[1]!, double[2]!] : [])].map(headingKey)
  return [...keys, ...keys.map((key) => key.replace(/s$/, '')), bareHeading(bare)].filter((key) => key !== '')
}

/** What says of a heading only that it is of the article or its publication: `Título del artículo`, `Année de parution`. */
const OF_ARTICLE = new Set(
  (
    'de del della dell do da du des der des la le l van het di of the in innen es s ' +
    'article artikel articulo artigo articolo artykułu artykułu статьи статья статті makale ' +
    'document documento dokument ' +
    'publication publicacion publicacao pubblicazione publikacji публикации публікації publicatie publikation veröffentlichung ' +
    'parution edicion издания yayın'
  )
    .split(' ')
    .map(headingKey),
)
const ENGLISH = new Set(['of', 'the', 'article', 'publication', 'document'])
/** Before the word itself, in languages that join words. */
const JOINED_ARTICLE = /^(?:artikel|论文|論文|논문|文章|文献)(?=.)/
const JOURNAL =
  /^(?:revistas?|revue|periodico|periodique|rivista|zeitschrift(?:en)?|tijdschrift|czasopisma|журнала|журналу|dergi|dergisi|journals?)$/
const NAME = /^(?:titulo|titolo|titre|titel|tytuł|название|назва|nombre|nome|nom|name|naam|nazwa|ad|adı|basligi|title)$/

/** The key of a heading without {@link OF_ARTICLE}; empty if nothing is left out, or in English, where such words tell more. */
function bareHeading(heading: string): string {
  const words = (heading.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map(headingKey)
  const kept = words.filter((word) => !OF_ARTICLE.has(word))
  const joined = /^(zeitschrift(?:en)?|期刊|雑誌|학술지)(titel|name|名称|名|명)$/.test(kept.join(''))
  if (
    joined ||
    (kept.length > 1 && kept.some((word) => JOURNAL.test(word)) && kept.every((word) => JOURNAL.test(word) || NAME.test(word)))
  )
    return 'journal'
  const isEnglish = words.every((word) => ENGLISH.has(word) || !OF_ARTICLE.has(word))
  const key = kept.join('').replace(JOINED_ARTICLE, '')
  return isEnglish && key === kept.join('') ? '' : key
}

/** The columns of a table that hold each property, best first. */
export type Columns = ReadonlyMap<ColumnRole, readonly string[]>

/** Tells the columns by their headings. @param mapping Headings that the caller names; they come first. */
export function recogniseColumns(headings: readonly string[], mapping: Partial<Readonly<Record<string, string>>> = {}): Columns {
  // A table of this library: raw fields have their own columns, whatever those are called.
  const own = COLUMN_PROPERTIES.every((property) => headings.includes(property))
  if (own && Object.keys(mapping).length === 0) return new Map(COLUMN_PROPERTIES.map((property) => [property, [property]]))
  const mapped = new Map(
    Object.entries(mapping).flatMap(([role, name]) => {
      const heading =
        headings.find((candidate) => candidate === name) ??
        headings.find((candidate) => headingKey(candidate) === headingKey(name!))
      return heading === undefined ? [] : [[heading, role as ColumnRole] as const]
    }),
  )
  // In Web of Science's tables `ID` has further keywords.
  const tagged = ['AU', 'TI', 'SO', 'PY', 'DE', 'UT'].filter((tag) => headings.includes(tag)).length > 2
  const ranked: { role: ColumnRole; heading: string; rank: number }[] = []
  for (const heading of headings) {
    const role = mapped.get(heading)
    if (role !== undefined) {
      ranked.push({ role, heading, rank: -1 })
      continue
    }
    if (tagged && heading === 'ID') {
      ranked.push({ role: 'keywords', heading, rank: 500 })
      continue
    }
    const [whole, ...others] = forms(heading)
    const exact = ROLES.get(whole ?? '')
    const found = exact ?? others.map((form) => ROLES.get(form)).find((roles) => roles !== undefined)
    for (const [known, rank] of found ?? []) ranked.push({ role: known, heading, rank: exact ? rank : 1_000 + rank })
  }
  const columns = new Map<ColumnRole, string[]>()
  for (const { role, heading } of ranked.sort((a, b) => a.rank - b.rank))
    columns.set(role, [...(columns.get(role) ?? []), heading])
  // A mapped property has that column alone.
  for (const [heading, role] of mapped) columns.set(role, [heading])
  // `No.` numbers the rows, unless it stands beside a volume.
  const [issue] = columns.get('issue') ?? []
  if (issue !== undefined && !mapped.has(issue) && /^(?:no|number|numero|nummer|#)$/.test(headingKey(issue)))
    if (!columns.has('volume') || headings[0] === issue) columns.delete('issue')
  return columns
}

/** Whether headings are those of a bibliography: titles, abstracts, DOIs or PMIDs, and something else. */
export function isBibliography(headings: readonly string[]): boolean {
  if (headings.length < 2) return false
  const columns = recogniseColumns(headings)
  return columns.has('title') || (columns.has('abstract') && columns.size > 1) || columns.has('doi') || columns.has('pmid')
}
