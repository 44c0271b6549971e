// Puts what TypeScript does not copy, icons and codex files, beside the compiled code.
// Called by `npm run build`.
const { dest, src } = require('gulp');

exports.default = function copyAssets() {
	return src('nodes/**/*.{svg,node.json}', { base: '.' }).pipe(dest('dist'));
};
