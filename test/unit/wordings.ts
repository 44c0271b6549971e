// Follows an expression of the package's source to the texts that it can become: through constants, choices,
// templates and functions, and from a parameter to what its callers give. Used by shownSentences.ts.
import * as ts from 'typescript';

/** Wordings that a cross product may reach before it says less than a placeholder. */
const mostWordings = 12;

const deepest = 12;

/** The wordings that expressions of these files can become. */
export class Wordings {
	private readonly checker: ts.TypeChecker;

	private readonly files: Set<ts.SourceFile>;

	private readonly used = new Set<ts.Node>();

	private readonly calls = new Map<ts.Symbol, ts.CallExpression[]>();

	private readonly assignments = new Map<ts.Symbol, ts.Expression[]>();

	constructor(checker: ts.TypeChecker, files: ts.SourceFile[]) {
		this.checker = checker;
		this.files = new Set(files);
		for (const file of files) visit(file, (node) => this.note(node));
	}

	/** Those that hold a word of their own; what is handed on from elsewhere is listed there. */
	of(node: ts.Expression | undefined): string[] {
		const texts = node ? this.texts(node, 0) : [];
		const tidy = texts.map((text) => text.replace(/\s+/g, ' ').trim());
		return [...new Set(tidy)].filter((text) => /[a-z]/i.test(text.replace(/\{[^}]*\}/g, '')));
	}

	/** Whether some expression that was asked for became this text. */
	isUsed(node: ts.Node): boolean {
		return this.used.has(node);
	}

	/** The value of a property, also where the object is a constant or the property a shorthand. */
	property(node: ts.Expression, name: string): ts.Expression | undefined {
		const object = ts.isIdentifier(node) ? this.constantOf(node) : node;
		if (!object || !ts.isObjectLiteralExpression(object)) return undefined;
		for (const entry of object.properties) {
			if (entry.name?.getText() !== name) continue;
			if (ts.isPropertyAssignment(entry)) return entry.initializer;
			if (ts.isShorthandPropertyAssignment(entry)) return entry.name;
		}
		return undefined;
	}

	private texts(node: ts.Expression, depth: number): string[] {
		if (depth > deepest) return [placeholder(node)];
		const inner = (next: ts.Expression) => this.texts(next, depth + 1);
		if (ts.isStringLiteralLike(node)) {
			this.used.add(node);
			return [node.text];
		}
		if (ts.isTemplateExpression(node)) {
			this.used.add(node);
			return (
				product([
					[node.head.text],
					...node.templateSpans.flatMap(({ expression, literal }) => [
						inner(expression),
						[literal.text],
					]),
				]) ?? [placeholder(node)]
			);
		}
		if (ts.isConditionalExpression(node))
			return [...inner(node.whenTrue), ...inner(node.whenFalse)];
		if (ts.isBinaryExpression(node)) {
			const sides = [inner(node.left), inner(node.right)];
			const isSum = node.operatorToken.kind === ts.SyntaxKind.PlusToken;
			return isSum ? (product(sides) ?? [placeholder(node)]) : sides.flat();
		}
		if (
			ts.isParenthesizedExpression(node) ||
			ts.isAsExpression(node) ||
			ts.isNonNullExpression(node)
		) {
			return inner(node.expression);
		}
		if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(inner);
		if (ts.isCallExpression(node)) return this.textsOfCall(node, depth);
		if (ts.isIdentifier(node)) return this.textsOfName(node, depth);
		return [placeholder(node)];
	}

	private textsOfCall(node: ts.CallExpression, depth: number): string[] {
		const callee = node.expression;
		if (ts.isPropertyAccessExpression(callee) && /^(trim|toString)$/.test(callee.name.text)) {
			return this.texts(callee.expression, depth + 1);
		}
		const declaration = this.symbolOf(callee)?.valueDeclaration;
		const body = declaration && functionBody(declaration);
		if (!body || !this.files.has(body.getSourceFile())) return [placeholder(node)];
		const answers = returned(body).flatMap((answer) => this.texts(answer, depth + 1));
		const hasWords = answers.some((text) => /\w \w/.test(text));
		return hasWords ? answers : [placeholder(node)];
	}

	/** A constant's text, every text that a variable gets, or what callers give for a parameter. */
	private textsOfName(node: ts.Identifier, depth: number): string[] {
		const symbol = this.symbolOf(node);
		const declaration = symbol?.valueDeclaration;
		if (!symbol || !declaration) return [placeholder(node)];
		const sources: ts.Expression[] = [...(this.assignments.get(symbol) ?? [])];
		if (ts.isVariableDeclaration(declaration) && declaration.initializer) {
			sources.push(declaration.initializer);
		}
		if (ts.isParameter(declaration)) {
			const owner = functionSymbol(declaration.parent, (name) => this.symbolOf(name));
			const index = declaration.parent.parameters.indexOf(declaration);
			for (const call of (owner && this.calls.get(owner)) ?? []) {
				if (call.arguments[index]) sources.push(call.arguments[index]);
			}
		}
		const texts = sources.flatMap((source) => this.texts(source, depth + 1));
		const worded = texts.filter((text) => /\w \w/.test(text.replace(/\{[^}]*\}/g, '')));
		return worded.length > 0 ? worded : [placeholder(node)];
	}

	private constantOf(node: ts.Identifier): ts.Expression | undefined {
		const declaration = this.symbolOf(node)?.valueDeclaration;
		return declaration && ts.isVariableDeclaration(declaration)
			? declaration.initializer
			: undefined;
	}

	private symbolOf(node: ts.Node): ts.Symbol | undefined {
		const isShorthand = ts.isIdentifier(node) && ts.isShorthandPropertyAssignment(node.parent);
		const symbol = isShorthand
			? this.checker.getShorthandAssignmentValueSymbol(node.parent)
			: this.checker.getSymbolAtLocation(node);
		const isAlias = symbol && symbol.flags & ts.SymbolFlags.Alias;
		return isAlias ? this.checker.getAliasedSymbol(symbol) : symbol;
	}

	private note(node: ts.Node): void {
		if (ts.isCallExpression(node)) add(this.calls, this.symbolOf(node.expression), node);
		const isAssignment =
			ts.isBinaryExpression(node) &&
			ts.isIdentifier(node.left) &&
			/^(\|\||\?\?)?=$/.test(node.operatorToken.getText());
		if (isAssignment) add(this.assignments, this.symbolOf(node.left), node.right);
	}
}

export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
	look(node);
	ts.forEachChild(node, (child) => visit(child, look));
}

function add<T>(map: Map<ts.Symbol, T[]>, symbol: ts.Symbol | undefined, entry: T): void {
	if (!symbol) return;
	const entries = map.get(symbol) ?? [];
	entries.push(entry);
	map.set(symbol, entries);
}

/** Every way to put one of each together; undefined where there are too many. */
function product(parts: string[][]): string[] | undefined {
	const count = parts.reduce((ways, { length }) => ways * length, 1);
	if (count > mostWordings) return undefined;
	return parts.reduce(
		(begun, next) => begun.flatMap((text) => next.map((more) => text + more)),
		[''],
	);
}

/** Words of the code that say nothing about a value. */
const codeWords =
	/^(Math|Number|String|Array|round|from|join|trim|map|size|length|replace|toLocaleString|(?:in|to|without)[A-Z]\w*)$/;

/** What varies, by the last name in it: `{practice id}` for `settings.practiceId`. */
function placeholder(node: ts.Expression): string {
	const names = (node.getText().match(/[A-Za-z_]\w*/g) ?? []).filter(
		(name) => !codeWords.test(name),
	);
	const isOfFunction = ts.isCallExpression(node) && ts.isIdentifier(node.expression);
	const name = (isOfFunction ? names[0] : names.at(-1)) ?? '…';
	const words = name
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.replaceAll('_', ' ')
		.toLowerCase();
	return `{${words.replace(/ ms$/, '')}}`;
}

type Function =
	| ts.FunctionDeclaration
	| ts.ArrowFunction
	| ts.FunctionExpression
	| ts.MethodDeclaration;

export function isFunction(node: ts.Node): node is Function {
	return (
		ts.isFunctionDeclaration(node) ||
		ts.isArrowFunction(node) ||
		ts.isFunctionExpression(node) ||
		ts.isMethodDeclaration(node)
	);
}

function functionBody(declaration: ts.Declaration): ts.ConciseBody | undefined {
	if (isFunction(declaration)) return declaration.body;
	const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
	return value && isFunction(value) ? value.body : undefined;
}

/** The name by which a function is called. */
function functionSymbol(
	node: ts.Node,
	symbolOf: (name: ts.Node) => ts.Symbol | undefined,
): ts.Symbol | undefined {
	const named = ts.isVariableDeclaration(node.parent) ? node.parent : node;
	const { name } = named as { name?: ts.Node };
	return name && symbolOf(name);
}

/** What a function answers, without the functions inside it. */
export function returned(body: ts.ConciseBody): ts.Expression[] {
	if (!ts.isBlock(body)) return [body];
	const answers: ts.Expression[] = [];
	const look = (node: ts.Node): void => {
		if (isFunction(node)) return;
		if (ts.isReturnStatement(node) && node.expression) answers.push(node.expression);
		ts.forEachChild(node, look);
	};
	ts.forEachChild(body, look);
	return answers;
}
