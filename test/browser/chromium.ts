// Where Chromium is on this machine. Called by editor.ts.
import { existsSync } from 'node:fs';

/** Chromium as Debian and others install it; `CHROMIUM` names another one. */
export function chromiumPath(): string | undefined {
	const candidates = [
		process.env.CHROMIUM,
		'/usr/bin/chromium',
		'/usr/bin/chromium-browser',
		'/usr/bin/google-chrome',
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
		'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
	];
	return candidates.find((path) => path !== undefined && existsSync(path));
}
