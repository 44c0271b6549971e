// Where the pages of this package can be read. Used by whatever leads a user to one: both nodes, the form and the
// credential.

/**
 * The repository's pages, e.g. `https://github.com/OWNER/NAME/blob/main`. There is no public one yet, and
 * the workflow that publishes asks for it (docs/publishing.md).
 */
const REPOSITORY_PAGES = '' as string;

/** The README is there, and leads on. */
const PACKAGE = 'https://www.npmjs.com/package/n8n-nodes-eyecloudpro';

/**
 * @param page e.g. `docs/operations.md`
 * @param heading as it is written there
 */
export function pageUrl(page: string, heading?: string, pages = REPOSITORY_PAGES): string {
	if (pages === '') return PACKAGE;
	const anchor = heading === undefined ? '' : `#${heading.toLowerCase().replace(/ /g, '-')}`;
	return `${pages}/${page}${anchor}`;
}

/** A link for a text of the form. */
export function linkTo(page: string, heading: string): string {
	return `<a href="${pageUrl(page, heading)}" target="_blank">${heading}</a>`;
}
