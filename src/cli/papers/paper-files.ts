import { basename } from 'node:path'
import type { Paper } from '../../core/papers/paper.js'
import { parseJsonLine, textField, textLines } from './text-lines.js'

/**
 * The papers of several files, JSON Lines of `Paper` each. Ids that occur before get their file's name in front; a line without id is
 * named by its place.
 *
 * @throws Specter2Error `DAMAGED_FILE` naming file and line; what opening a file throws.
 */
export async function readPaperFiles(paths: readonly string[]): Promise<Paper[]> {
  const papers: Paper[] = []
  const ids = new Set<string>()
  for (const path of paths) {
    const file = basename(path)
    let record = 0
    for await (const line of textLines(path)) {
      record++
      const fields = parseJsonLine(line)
      const own = textField(fields, 'id', line.wrong, 'optional')
      const places = [own, `${file}:${own || record}`, `${path}:${record}`]
      const id = places.find((place) => place !== '' && !ids.has(place))
      if (id === undefined) throw line.wrong(`there is a record ${JSON.stringify(own)} before`)
      ids.add(id)
      const title = textField(fields, 'title', line.wrong, 'optional')
      papers.push({ ...(fields as Partial<Paper>), id, title, source: { file, record, line: line.number } })
    }
  }
  return papers
}
