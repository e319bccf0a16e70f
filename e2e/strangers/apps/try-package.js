import { createEmbedder, PaperIndex, readPapersInWorker } from 'specter2-web'
import { findDuplicates } from 'specter2-web/duplicates'

const papers = [
  {
    id: 'a',
    doi: '10.1038/171737a0',
    title: 'A structure for deoxyribose nucleic acid',
    abstract: 'A double helix with paired bases is proposed.',
  },
  { id: 'b', title: 'Tides of the Atlantic', abstract: 'Water rises and falls twice a day.' },
]

/**
 * What an app does with the package: two papers, a query, an index, a bibliography, duplicates.
 *
 * @param {{ folder?: string, embedder?: import('specter2-web').EmbedderOptions }} [options] `folder`: of the workers, if the bundler does not find them.
 */
export async function tryPackage({ folder, embedder: options } = {}) {
  const worker = (name) => (folder ? { worker: `${folder}${name}.js` } : {})
  const embedder = await createEmbedder({ ...worker('embed'), ...options })
  const { vectors, dimension } = await embedder.embed(papers)
  const firstVectorMs = Math.round(performance.now())
  const query = await embedder.embedQuery('shape of the molecule of heredity')
  const score = (row) => query.reduce((sum, value, column) => sum + value * vectors[row * dimension + column], 0)
  const index = await PaperIndex.open('library', { embedder, ...worker('library') })
  await index.add(papers)
  const { hits } = await index.search('molecule of heredity')
  const file = new File(['@article{a, title={Tides of the Atlantic}, year={1990}}'], 'a.bib')
  const read = await readPapersInWorker([file], worker('papers'))
  const { groups } = await findDuplicates([...papers, { ...papers[0], id: 'c' }])
  const { from, threads } = embedder.info
  void index.close()
  await embedder.dispose()
  return {
    nearest: score(0) > score(1) ? 'a' : 'b',
    first: hits[0].id,
    read: read.papers.map(({ title }) => title),
    groups: groups.length,
    from,
    threads,
    firstVectorMs,
  }
}
