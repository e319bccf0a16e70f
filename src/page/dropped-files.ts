/**
 * The files of a drop by path, including those in dropped folders, as `model` and `loadAdapter` take them. Call it while the
 * `drop` event is handled: afterwards the browser discards the event's data.
 *
 * @returns Files by path, such as `specter2_base/config.json`.
 * @throws DOMException if the browser cannot read a folder.
 * @example
 * document.body.addEventListener('drop', async (event) => {
 *   event.preventDefault()
 *   if (event.dataTransfer) await createEmbedder({ model: await droppedFiles(event.dataTransfer) })
 * })
 */
export async function droppedFiles({ items }: DataTransfer): Promise<Map<string, File>> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const files = new Map<string, File>()
  const add = async (entry: FileSystemEntry, folder: string): Promise<void> => {
    const path = folder + entry.name
    if (isFolder(entry)) for (const child of await children(entry)) await add(child, `${path}/`)
    else files.set(path, await new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)))
  }
  for (const entry of entries) await add(entry, '')
  return files
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  // A reader returns one part at a time (100 entries in Chromium), and an empty one at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) return all
    all.push(...part)
  }
}
