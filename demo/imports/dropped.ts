import { droppedFiles } from '../../src/index.js'

/** What came by a drop or a file picker. */
export type Dropped =
  | { kind: 'bibliography'; files: ReadonlyMap<string, File> }
  | { kind: 'model'; files: ReadonlyMap<string, File> }
  | { kind: 'library'; file: File }
  | { kind: 'nothing' }

const LIBRARY_MAGIC = 'SP2INDEX'
const MODEL_FILE = /(^|\/)(manifest\.json|model\.safetensors|pytorch_model\.bin)$/

/** Tells by names and first bytes what files are for. */
export async function sortFiles(files: ReadonlyMap<string, File>): Promise<Dropped> {
  if (files.size === 0) return { kind: 'nothing' }
  if ([...files.keys()].some((path) => MODEL_FILE.test(path))) return { kind: 'model', files }
  const [file] = [...files.values()]
  if (files.size === 1 && file && (await file.slice(0, LIBRARY_MAGIC.length).text()) === LIBRARY_MAGIC)
    return { kind: 'library', file }
  return { kind: 'bibliography', files }
}

/** Files of a picker by their paths. */
export function pickedFiles(list: Iterable<File>): Map<string, File> {
  const files = new Map<string, File>()
  for (const file of list) {
    let path = file.webkitRelativePath || file.name
    for (let count = 2; files.has(path); count++) path = `${file.name} (${count})`
    files.set(path, file)
  }
  return files
}

/** The whole window takes a drop. */
export function acceptDrops(onFiles: (files: Map<string, File>) => void, onError: (error: unknown) => void): void {
  let depth = 0
  const mark = (by: number) => {
    depth = Math.max(0, depth + by)
    document.body.toggleAttribute('data-dropping', depth > 0)
  }
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  addEventListener('dragenter', (event) => hasFiles(event) && mark(1))
  addEventListener('dragleave', (event) => hasFiles(event) && mark(-1))
  addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault())
  addEventListener('drop', (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return
    event.preventDefault()
    mark(-depth)
    droppedFiles(event.dataTransfer).then(onFiles, onError)
  })
}

/** Opens the browser's file picker. */
export function pickFiles(onFiles: (files: Map<string, File>) => void, { accept = '', folder = false } = {}): void {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.accept = accept
  input.webkitdirectory = folder
  input.addEventListener('change', () => onFiles(pickedFiles(input.files ?? [])))
  input.click()
}
