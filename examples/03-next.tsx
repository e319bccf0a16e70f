'use client'
/** `app/page.tsx` of Next: rendered on the server as an empty list, searched in the browser. `npx specter2-web assets public/specter2-web` first. */
import { useEffect, useState } from 'react'
import { createEmbedder, nearest } from 'specter2-web'

const PAPERS = [
  { title: 'A structure for deoxyribose nucleic acid', abstract: 'A double helix with paired bases is proposed.' },
  { title: 'On the electrodynamics of moving bodies', abstract: 'The speed of light is the same for all observers.' },
]

export default function Page() {
  const [search, setSearch] = useState<((query: string) => Promise<void>) | null>(null)
  const [titles, setTitles] = useState<string[]>([])

  useEffect(() => {
    const unmounted = new AbortController()
    // An absolute path, because a page of a deep route must find the same folder.
    const embedder = createEmbedder({ assets: '/specter2-web/', signal: unmounted.signal })
    const start = async () => {
      const model = await embedder
      const { vectors } = await model.embed(PAPERS, { signal: unmounted.signal })
      setSearch(() => async (query: string) => {
        const found = nearest(await model.embedQuery(query), vectors, model.info)
        setTitles(found.map(({ row }) => PAPERS[row]?.title ?? ''))
      })
    }
    start().catch((error) => unmounted.signal.aborted || console.error(error))
    return () => {
      unmounted.abort()
      embedder.then((model) => model.dispose()).catch(() => {})
    }
  }, [])

  if (!search) return <p>The model is loading.</p>
  const list = titles.map((title) => <li key={title}>{title}</li>)
  return [<input key="query" type="search" onChange={({ target }) => search(target.value)} />, <ol key="hits">{list}</ol>]
}
