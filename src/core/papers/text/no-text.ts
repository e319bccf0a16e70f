/** What R, Python, spreadsheets and databases write into a field that has no value. */
const BLANK =
  /^(?:[nN]\/[aA]|n\.a\.?|NA|na|nan|NaN|none|None|NONE|null|NULL|undefined|<(?:na|NA)>|#(?:n\/a|N\/A)|#null!|[-–—_.?]+|\[\])$/
/** What databases write instead of an abstract or title that they do not have. */
const NOTICE =
  /^[[(]?\s*(?:(?:(?:there is|this (?:article|record|item|paper) (?:has|contains)) )?(?:no (?:abstract|summary|title|description)(?: (?:is )?(?:available|provided|supplied|given|found|entered))?|an abstract is not available)(?: for this (?:article|record|item|paper|content|work))?|(?:abstract|summary|title)(?: (?:is )?)?(?: (?:not|un)[ -]?(?:available|provided|supplied|found)| missing| none)|(?:no|not) (?:available|applicable|provided|specified|given)|missing abstract|untitled|publisher: abstract available from the publisher|abstract available from the publisher|kein abstract(?: verfügbar| vorhanden)?|pas de résumé(?: disponible)?|résumé non disponible|resumo não disponível|riassunto non disponibile|nessun abstract|geen samenvatting|аннотация отсутствует|нет аннотации|sin resumen|resumen no disponible|无摘要|暂无摘要|抄録なし|초록 ?없음)\s*[\])]?\s*\.?$/i

/** First characters of {@link BLANK} and {@link NOTICE}. */
const STARTS = new Set('[(<#-–—_.?aAgGkKmMnNpPrRsStTuUаАнН无暂抄초')

/** Whether a value only says that there is none: `NA`, `nan`, `[No abstract available]`, `[Not Available].` */
export function isNoText(text: string): boolean {
  if (text.length > 60) return false
  const value = text.trim()
  // Most names and numbers begin in another way.
  if (value !== '' && !STARTS.has(value[0]!)) return false
  return value === '' || (value.length < 10 ? BLANK.test(value) : false) || (value.length > 3 && NOTICE.test(value))
}
