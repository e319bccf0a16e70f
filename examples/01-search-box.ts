/** A search box over a bibliography that the user opens. Embeds in the background; finds by words until that is done. */
import { createEmbedder, PaperIndex, readPapersInWorker } from 'specter2-web'

document.body.innerHTML = `
  <input type="file" id="files" multiple aria-label="BibTeX, RIS, CSV … files" />
  <input type="search" id="query" placeholder="Search by meaning" />
  <p id="status" role="status"></p>
  <ol id="hits"></ol>`
const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T
const files = element<HTMLInputElement>('files')
const query = element<HTMLInputElement>('query')

// Not awaited: words can be searched while the model loads.
const embedder = createEmbedder()
const index = await PaperIndex.open('my-library', {
  embedder,
  onChange: ({ papers, pending }) => {
    element('status').textContent = `${papers} papers, ${pending} still to embed`
  },
})
// A tab that was closed in the middle left papers without vectors.
index.resume().catch(console.error)

files.addEventListener('change', async () => {
  const { papers, problems } = await readPapersInWorker(files.files ?? [])
  for (const { file, line, reason } of problems) console.warn(`${file}:${line}: ${reason}`)
  await index.add(papers)
})

query.addEventListener('input', async () => {
  try {
    const { hits } = await index.search(query.value)
    element('hits').replaceChildren(
      ...hits.map(({ paper }) => Object.assign(document.createElement('li'), { textContent: paper.title })),
    )
  } catch (error) {
    // The next keystroke ends this search.
    if ((error as Error).name !== 'AbortError') throw error
  }
})
