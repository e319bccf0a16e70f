import { type PaperFile, type ReadProgress, streamPapers } from 'specter2-web/papers'

/** What the worker tells: how far it is, and at last what it read or why it stopped. */
export type ReadMessage =
  | { progress: ReadProgress }
  | { records: number; problems: number; lastTitle: string }
  | { rejected: string }

let controller = new AbortController()

/** Files are read, and counted as they come; `cancel` ends it. */
addEventListener('message', ({ data }: MessageEvent<PaperFile[] | 'cancel'>) => {
  if (data === 'cancel') controller.abort()
  else void read(data)
})

async function read(files: PaperFile[]) {
  controller = new AbortController()
  const tell = (message: ReadMessage) => postMessage(message)
  let [records, problems, lastTitle] = [0, 0, '']
  try {
    const options = { signal: controller.signal, onProgress: (progress: ReadProgress) => tell({ progress }) }
    for await (const batch of streamPapers(files, options)) {
      records += batch.papers.length
      problems += batch.problems.length
      lastTitle = batch.papers.at(-1)?.title ?? lastTitle
    }
    tell({ records, problems, lastTitle })
  } catch (error) {
    tell({ rejected: (error as Error).name })
  }
}
