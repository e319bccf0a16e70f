// A library of Semantic Scholar's papers with their SPECTER2 vectors: it opens without a model, which loads with the first query.
import { createEmbedder, PaperIndex, readPapersInWorker } from 'specter2-web'

const field = document.querySelector<HTMLInputElement>('input[type=file]')!
const query = document.querySelector<HTMLInputElement>('input[type=search]')!
const list = document.querySelector('ol')!

const index = await PaperIndex.open('semantic-scholar')

field.addEventListener('change', async () => {
  const { papers, vectors, problems } = await readPapersInWorker(field.files!)
  await index.add(papers, { vectors: vectors[0] })
  // Vectors that cannot be right are left out, each with the reason.
  for (const { file, line, reason } of problems) console.warn(`${file}:${line} ${reason}`)
  show(await index.similar(papers[0]!.id))
})

query.addEventListener('change', async () => {
  // The first query compares eight papers: an embedder of another model is refused with INDEX_STALE, and words are used.
  if (!index.info.embedder) index.useEmbedder(createEmbedder({ model: '/models/specter2/' }))
  const { hits, unavailable } = await index.search(query.value)
  if (unavailable) console.warn(unavailable.message)
  show(hits)
})

function show(hits: { paper: { title: string } }[]): void {
  list.replaceChildren(...hits.map(({ paper }) => Object.assign(document.createElement('li'), { textContent: paper.title })))
}
