// Writes what n8n's editor shows of outputs before anything has run, from the compiled operations, to where n8n
// looks for it: dist/nodes/EyeCloudPro/__schema__/v1.0.0/<resource>/<operation>.json. Called after each build.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const node = fileURLToPath(new URL('../dist/nodes/EyeCloudPro', import.meta.url));
const { outputSchemas } = createRequire(import.meta.url)(join(node, 'operations'));

for (const { resource, operation, properties } of outputSchemas()) {
	const folder = join(node, '__schema__', 'v1.0.0', resource);
	await mkdir(folder, { recursive: true });
	const schema = { type: 'object', properties, version: 1 };
	await writeFile(join(folder, `${operation}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
