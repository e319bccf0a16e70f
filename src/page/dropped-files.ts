/**
 * The files of a drop by their paths, those in dropped folders included, as `model` and `loadAdapter` take them. To be called
 * while the `drop` event is handled: the browser takes its data back afterwards.
 *
 * @returns Files by path, such as `specter2_base/config.json`.
 * @throws DOMException where the browser cannot read a folder.
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
  // A reader gives a part at a time (100 in Chromium), and none when there are no more.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) return all
    all.push(...part)
  }
}
