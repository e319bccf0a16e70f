/** `const { hits, pending } = usePaperSearch(papers, query)`: works under StrictMode, and its workers end with the component. */
import { useEffect, useState } from 'react'
import { type AnyPaper, createEmbedder, type Hit, PaperIndex } from 'specter2-web'

/** @param papers Of one identity as long as they do not change: from a module, from state or by useMemo. */
export function usePaperSearch(papers: readonly AnyPaper[], query: string) {
  const [index, setIndex] = useState<PaperIndex | null>(null)
  const [pending, setPending] = useState(0)
  const [hits, setHits] = useState<Hit[]>([])
  const [error, setError] = useState<unknown>(null)

  useEffect(() => {
    const unmounted = new AbortController()
    const { signal } = unmounted
    const embedder = createEmbedder({ signal })
    const opened = PaperIndex.open('papers', { embedder, signal, onChange: (info) => setPending(info.pending) })
    const start = async () => {
      const index = await opened
      signal.throwIfAborted()
      setIndex(index)
      await index.add(papers, { signal })
    }
    start().catch((reason) => signal.aborted || setError(reason))
    return () => {
      unmounted.abort()
      opened.then((index) => index.close()).catch(() => {})
      embedder.then((model) => model.dispose()).catch(() => {})
    }
  }, [papers])

  useEffect(() => {
    // A search ends the one before it with an AbortError.
    const fail = (reason: Error) => reason.name === 'AbortError' || setError(reason)
    index?.search(query).then((found) => setHits(found.hits), fail)
  }, [index, query])

  return { hits, pending, error }
}
