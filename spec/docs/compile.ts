import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT, type Example } from './examples.js';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  allowJs: true,
  types: ['node', 'chai'],
  typeRoots: [path.join(ROOT, 'node_modules/@types')],
};

/** Where each example can be imported from, and what the compiler says against it. */
export type Compiled = Map<Example, { file: string; faults: string[] }>;

/** All examples in one program, in an app that has the package installed: the types are those that users get. */
export function compile(examples: readonly Example[], app: string): Compiled {
  const folder = path.join(app, '.examples');
  mkdirSync(folder, { recursive: true });
  const files = new Map(examples.map((example) => [example, writeExample(example, folder)]));
  const program = ts.createProgram([...files.values()], OPTIONS);
  program.emit(undefined, (file, text) => {
    if (file.startsWith(folder.replaceAll('\\', '/'))) writeFileSync(file, text);
  });
  return new Map(
    [...files].map(([example, file]) => {
      const source = program.getSourceFile(file)!;
      const faults = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [
        example,
        { file: file.replace(/\.mts$/, '.mjs'), faults: faults.map((one) => told(one, example)) },
      ];
    }),
  );
}

/** The block with what it needs before it, and after it what checks it. The block's own lines stay as they are. */
function writeExample({ name, language, code, prelude, then }: Example, folder: string): string {
  const own = declaredIn(code);
  const imports = ['helpers', ...(prelude === undefined ? [] : [`preludes/${prelude}`])].map((source) => {
    const file = `${name}.${path.basename(source)}`;
    const text = readFileSync(path.join(__dirname, `${source}.ts`), 'utf8');
    writeFileSync(
      path.join(folder, `${file}.mts`),
      text.replace("'../helpers.js'", `'./${name}.helpers.mjs'`),
    );
    const names = declaredIn(text, { isExported: true }).filter((one) => !own.includes(one));
    return `import './${file}.mjs'; import { ${names.join(', ')} } from './${file}.mjs';`;
  });
  const file = path.join(folder, `${name}.${language === 'ts' ? 'mts' : 'mjs'}`);
  const source = `${imports.join(' ')}\n${code}\n${then}\nexport {};\n`;
  writeFileSync(file, source);
  return file;
}

/** Names that a module declares or imports at its top level. */
function declaredIn(code: string, { isExported = false } = {}): string[] {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022);
  return source.statements.flatMap((statement): string[] => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      return exportClause && ts.isNamedExports(exportClause)
        ? exportClause.elements.map((one) => one.name.text)
        : [];
    }
    if (isExported && !(ts.getCombinedModifierFlags(statement as never) & ts.ModifierFlags.Export)) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
    }
    if (ts.isImportDeclaration(statement)) {
      const { name, namedBindings } = statement.importClause ?? {};
      const named = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements : [];
      return [...(name ? [name.text] : []), ...named.map((one) => one.name.text)];
    }
    const { name } = statement as { name?: ts.Node };
    return name && ts.isIdentifier(name) ? [name.text] : [];
  });
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((one) => (ts.isBindingElement(one) ? namesIn(one.name) : []));
}

function told(fault: ts.Diagnostic, { title }: Example): string {
  const { line } = fault.file!.getLineAndCharacterOfPosition(fault.start ?? 0);
  return `${title}, line ${String(line)} of the block: ${ts.flattenDiagnosticMessageText(fault.messageText, '\n')}`;
}
