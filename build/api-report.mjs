import { join } from 'node:path'
import ts from 'typescript'

/**
 * The public API as text: every export of every entry, as the built declarations have it, without comments.
 *
 * @param {string} root
 * @param {Record<string, string | { types?: string }>} exports Of package.json.
 * @returns {string}
 */
export function apiReport(root, exports) {
  const entries = Object.entries(exports).flatMap(([name, target]) =>
    typeof target === 'object' && target.types ? [{ name, file: join(root, target.types) }] : [],
  )
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, noEmit: true, skipLibCheck: true },
  )
  const checker = program.getTypeChecker()
  const printer = ts.createPrinter({ removeComments: true })
  return entries
    .map(({ name, file }) => {
      const source = program.getSourceFile(file)
      const module = source && checker.getSymbolAtLocation(source)
      if (!module) throw new Error(`${file} is missing: run npm run build first`)
      const texts = checker.getExportsOfModule(module).map((exported) => {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
        const declarations = symbol.declarations?.map((declaration) => {
          const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
          return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
        })
        return `${exported.name}: ${(declarations ?? []).join('\n')}`
      })
      return `## ${name}\n\n${texts.sort().join('\n\n')}\n`
    })
    .join('\n')
}
