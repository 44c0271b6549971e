// Finds every sentence that the package can show when something did not go as wanted, by following texts
// in its source to the places from which n8n shows them. Used by errors.test.ts.
import { join, relative, sep } from 'node:path';
import * as ts from 'typescript';

import { isFunction, returned, visit, Wordings } from './wordings';

const root = join(__dirname, '../..');

/** One place in the source from which n8n shows something. */
export interface Shown {
	/** From the root, with slashes. */
	file: string;
	/** What happened: its wordings, with `{names}` for what varies. */
	messages: string[];
	/** How to get unstuck: its wordings, if there is any. */
	descriptions: string[];
	/** It is not a sentence, but becomes one behind the name of what it is about. */
	isReason: boolean;
}

type Texts = Omit<Shown, 'file'>;

export interface ShownSentences {
	shown: Shown[];
	/** Texts that read like sentences, and that neither reach such a place nor are a label of the form. */
	unaccounted: string[];
}

/** Each takes what happened second, and the details third. */
const constructors = new Set(['ApiError', 'NodeOperationError', 'NodeApiError']);

/** Properties of the form: labels and explanations, which n8n's lint looks after. */
const formProperties = new Set(['displayName', 'description', 'placeholder', 'action', 'name']);

export function shownSentences(): ShownSentences {
	const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), undefined, {
		...ts.sys,
		onUnRecoverableConfigFileDiagnostic: () => {},
	});
	const program = ts.createProgram(config?.fileNames ?? [], config?.options ?? {});
	const own = program.getSourceFiles().filter(({ fileName }) => isOwn(fileName));
	const places = new Places(new Wordings(program.getTypeChecker(), own));
	const shown: Shown[] = [];
	for (const file of own) {
		visit(file, (node) => {
			const texts = places.shownAt(node);
			if (texts) shown.push({ file: pathOf(file), ...texts });
		});
	}
	const unaccounted = own.flatMap((file) => places.unaccountedIn(file));
	const worded = shown.filter((each) => each.messages.length + each.descriptions.length > 0);
	return { shown: worded, unaccounted };
}

function isOwn(fileName: string): boolean {
	return /^(nodes|credentials)\//.test(relative(root, fileName).replaceAll(sep, '/'));
}

function pathOf({ fileName }: ts.SourceFile): string {
	return relative(root, fileName).replaceAll(sep, '/');
}

class Places {
	private readonly wordings: Wordings;

	constructor(wordings: Wordings) {
		this.wordings = wordings;
	}

	/** The texts of a place from which n8n shows something; undefined for every other node. */
	shownAt(node: ts.Node): Texts | undefined {
		if (ts.isNewExpression(node)) return this.constructed(node);
		if (ts.isCallExpression(node)) return this.called(node);
		if (ts.isObjectLiteralExpression(node)) return this.described(node);
		if (ts.isBinaryExpression(node)) return this.added(node);
		return undefined;
	}

	/** What is said about an error that was made elsewhere: `error.description = …`. */
	private added({ left, operatorToken, right }: ts.BinaryExpression): Texts | undefined {
		const isGiven = operatorToken.kind === ts.SyntaxKind.EqualsToken;
		if (!isGiven || !/\.description$/.test(left.getText())) return undefined;
		return { messages: [], descriptions: this.wordings.of(right), isReason: false };
	}

	private constructed(node: ts.NewExpression): Texts | undefined {
		if (!constructors.has(node.expression.getText())) return undefined;
		const [, message, details] = (node.arguments ?? []) as readonly (ts.Expression | undefined)[];
		const shownMessage = details && this.wordings.property(details, 'message');
		return {
			messages: this.wordings.of(shownMessage ?? message),
			descriptions: this.wordings.of(details && this.wordings.property(details, 'description')),
			isReason: false,
		};
	}

	private called(node: ts.CallExpression): Texts | undefined {
		const name = node.expression.getText();
		if (node.expression.kind === ts.SyntaxKind.SuperKeyword) return this.only(node.arguments[0]);
		if (/\bnamed\.set$/.test(name)) return this.reason(node.arguments[1]);
		if (!name.endsWith('.addExecutionHints')) return undefined;
		return this.only(this.wordings.property(node.arguments[0], 'message'));
	}

	/** Notices, items of Continue On Fail and of nothing found, reasons, the rules of the credential's test. */
	private described(node: ts.ObjectLiteralExpression): Texts | undefined {
		const has = (name: string) => this.wordings.property(node, name);
		if (has('type')?.getText() === "'notice'") return this.only(has('displayName'));
		if (has('error') && has('message')) {
			return {
				messages: this.wordings.of(has('error')),
				descriptions: this.wordings.of(has('message')),
				isReason: false,
			};
		}
		if (has('reason')) return this.reason(has('reason'));
		const isRule = has('message') && (has('value') || has('field') || has('found'));
		return this.only(has('emptyFieldsNotice') ?? (isRule ? has('message') : undefined));
	}

	private only(message: ts.Expression | undefined): Texts | undefined {
		return message && { messages: this.wordings.of(message), descriptions: [], isReason: false };
	}

	private reason(message: ts.Expression | undefined): Texts | undefined {
		return message && { messages: this.wordings.of(message), descriptions: [], isReason: true };
	}

	unaccountedIn(file: ts.SourceFile): string[] {
		visit(file, (node) => {
			const isForm = ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node);
			const isShown = isForm && formProperties.has(node.name.getText());
			if (!isShown || !node.initializer) return;
			const body = isFunction(node.initializer) ? node.initializer.body : node.initializer;
			for (const text of body ? returned(body) : []) this.wordings.of(text);
		});
		const found: string[] = [];
		visit(file, (node) => {
			const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
			if (!isText || this.wordings.isUsed(node) || isElsewhere(node)) return;
			const text = node.getText();
			const words = text.replace(/\$\{[^}]*\}/g, '').match(/\b[A-Za-z']+ (?=[A-Za-z'])/g) ?? [];
			if (words.length >= 2) found.push(`${pathOf(file)}: ${text}`);
		});
		return found;
	}
}

/** A line of the log, or an expression for n8n. */
function isElsewhere(node: ts.Node): boolean {
	for (let at = node; at.parent; at = at.parent) {
		const { parent } = at;
		if (ts.isCallExpression(parent) && /\b(log|debug|info)$/.test(parent.expression.getText())) {
			return true;
		}
	}
	return /^[`']=\{\{/.test(node.getText());
}
