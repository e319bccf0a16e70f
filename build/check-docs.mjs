// Fails on an export of the package, or a public member of one, that has no docstring, and on a function, class or constant without an
// example, which `npm run snippets` compiles. The entries are those of tsconfig/dist.json.
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const configFile = fileURLToPath(new URL('tsconfig/dist.json', import.meta.url))
const config = ts.getParsedCommandLineOfConfigFile(configFile, {}, /** @type {any} */ (ts.sys))
if (!config) throw new Error(`Cannot read ${configFile}`)

const program = ts.createProgram(config.fileNames, config.options)
const checker = program.getTypeChecker()

/** @type {Map<ts.Declaration, string>} Everything that must have a docstring, by where it is declared. */
const documented = new Map()
/** @type {Map<ts.Declaration, string>} */
const missing = new Map()

for (const entry of config.fileNames) {
  const file = program.getSourceFile(entry)
  const module = file && checker.getSymbolAtLocation(file)
  if (!module) throw new Error(`${entry} exports nothing`)
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    check(symbol, symbol.name)
    const hasExample = symbol.getJsDocTags(checker).some(({ name }) => name === 'example')
    const isValue = symbol.flags & ts.SymbolFlags.Value && !exported.declarations?.some(ts.isTypeOnlyImportOrExportDeclaration)
    const [declaration] = symbol.declarations ?? []
    if (declaration && isValue && !hasExample) missing.set(declaration, `${symbol.name} has no @example`)
    for (const member of membersOf(symbol)) check(member, `${symbol.name}.${member.name}`)
  }
}

for (const [declaration, name] of missing) {
  const { fileName } = declaration.getSourceFile()
  const { line } = declaration.getSourceFile().getLineAndCharacterOfPosition(declaration.getStart())
  console.error(`${relative(root, fileName)}:${line + 1} ${name}`)
}
if (missing.size > 0) {
  console.error(`${missing.size} of ${missing.size + documented.size} exports and public members have no docstring or example`)
  process.exitCode = 1
}

/**
 * Properties, methods and accessors of an interface, class or object type, static ones too. The variants of a union are left to the
 * docstring of the union.
 *
 * @param {ts.Symbol} symbol
 */
function membersOf(symbol) {
  const types = []
  if (symbol.flags & ts.SymbolFlags.Type) types.push(checker.getDeclaredTypeOfSymbol(symbol))
  if (symbol.flags & ts.SymbolFlags.Class) types.push(checker.getTypeOfSymbol(symbol))
  return types
    .filter((type) => type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))
    .flatMap((type) => checker.getPropertiesOfType(type))
}

/**
 * @param {ts.Symbol} symbol
 * @param {string} name
 */
function check(symbol, name) {
  const declaration = symbol.declarations?.find((node) => node.getSourceFile().fileName.startsWith(`${root}src/`))
  if (!declaration || !isPublic(declaration)) return
  if (symbol.getDocumentationComment(checker).length > 0) documented.set(declaration, name)
  else missing.set(declaration, `${name} has no docstring`)
}

/** @param {ts.Declaration} declaration */
function isPublic(declaration) {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  const name = ts.getNameOfDeclaration(declaration)
  if (ts.getCombinedModifierFlags(declaration) & hidden || (name && ts.isPrivateIdentifier(name))) return false
  return !ts.getJSDocTags(declaration).some(({ tagName }) => tagName.text === 'internal')
}
