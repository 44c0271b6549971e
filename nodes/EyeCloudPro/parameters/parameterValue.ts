// Reads a parameter together with whether an expression gave it: what an expression leaves empty is not the
// same as what nobody filled in. Used by all that reads parameters whose emptiness would change what is done.
import {
	NodeOperationError,
	type GenericValue,
	type IExecuteFunctions,
	type IPollFunctions,
} from 'n8n-workflow';

import { asText, toBoolean, toNumber } from './values';

/** Where a parameter stands; asked for its node only where that is needed, which n8n copies each time. */
interface Place {
	functions: Pick<IExecuteFunctions, 'getNode'>;
	itemIndex?: number;
}

/** Why a value that an expression gave can't be used; stands after the parameter's name. */
export const GIVES_NOTHING = 'is an expression that gives nothing';

/** The same where two values are given for one: which of them would win is nobody's choice. */
export const IS_TWICE = 'is filled in twice';

/** @param itemIndex of the input item that expressions are worked out for */
export function parameterOf(
	functions: IExecuteFunctions,
	name: string,
	itemIndex: number,
): ParameterValue {
	const value = functions.getNodeParameter(name, itemIndex, null);
	const options = { rawExpressions: true };
	const raw: unknown = functions.getNodeParameter(name, itemIndex, null, options);
	return new ParameterValue(value, raw, { functions, itemIndex });
}

/** The same for a node without input items. */
export function pollParameterOf(functions: IPollFunctions, name: string): ParameterValue {
	const value = functions.getNodeParameter(name, null);
	const raw: unknown = functions.getNodeParameter(name, null, { rawExpressions: true });
	return new ParameterValue(value, raw, { functions });
}

/** A value as a parameter has it, and what stands in the form for it. */
export class ParameterValue {
	constructor(
		readonly value: unknown,
		private readonly raw: unknown,
		private readonly place: Place,
	) {}

	/** As it is written, with expressions as such; an expression for all of it is a text. */
	get written(): unknown {
		return this.raw;
	}

	/** Whether an expression gave it, alone or with all that is around it. */
	get isExpression(): boolean {
		return typeof this.raw === 'string' && this.raw.startsWith('=');
	}

	/** Whether it is for an AI model to fill in, or to leave out. */
	get isForModel(): boolean {
		return this.isExpression && /\$fromAI\b/i.test(this.raw as string);
	}

	get isEmpty(): boolean {
		return isNothing(this.value);
	}

	/** An expression that comes to nothing. */
	get isEmptied(): boolean {
		return this.isExpression && this.isEmpty;
	}

	/** What nobody filled in. */
	get isUnset(): boolean {
		return !this.isExpression && this.isEmpty;
	}

	/** A part of it; of what an expression gave as a whole, the expression gave it. */
	property(key: string | number): ParameterValue {
		const raw = this.isExpression ? this.raw : partOf(this.raw, key);
		return new ParameterValue(partOf(this.value, key), raw, this.place);
	}

	/** @throws NodeOperationError where an expression gave something that is no collection */
	keys(label: string): string[] {
		if (!this.isEmptied && (this.value ?? null) === null) return [];
		if (!this.isEmptied && isCollection(this.value)) return Object.keys(this.value);
		throw this.unusable(label, 'must be an object');
	}

	/** The entries under a name of a fixedCollection; n8n lets no expression give the list of them. */
	entries(name: string): ParameterValue[] {
		const list = this.property(name);
		return Array.isArray(list.value) ? list.value.map((_, index) => list.property(index)) : [];
	}

	/**
	 * Names, given as a list or as text with commas between.
	 *
	 * @throws NodeOperationError where one of them is no text or, by an expression, nothing
	 */
	names(label: string): string[] {
		if (this.isEmptied) throw this.unusable(label, GIVES_NOTHING);
		const parts: unknown[] = Array.isArray(this.value)
			? this.value
			: (asText(this.value)?.split(',') ?? [{}]);
		const texts = parts.map((part) => asText(part)?.trim());
		const isPartEmpty = texts.some(
			(text, index) => text === '' && (this.isExpression || this.property(index).isExpression),
		);
		if (texts.includes(undefined) || isPartEmpty) {
			throw this.unusable(label, 'must name fields as text');
		}
		return texts.flatMap((text) => text || []);
	}

	/** @throws NodeOperationError for what is neither yes nor no */
	boolean(label: string, usual: boolean): boolean {
		if (this.isUnset) return usual;
		const value = toBoolean(this.value);
		if (value !== undefined) return value;
		const advice = 'Let the expression give one of the two.';
		throw this.unusable(label, 'must be true or false', advice);
	}

	/** @throws NodeOperationError for what is none of the choices, by an expression */
	choice<T extends string>(label: string, choices: readonly T[], usual: T): T {
		if (this.isUnset) return usual;
		const chosen = choices.find((choice) => choice === this.value);
		if (chosen !== undefined) return chosen;
		const names = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
		throw this.unusable(label, `must be ${names}`);
	}

	/**
	 * Undefined where nobody filled it in.
	 *
	 * @throws NodeOperationError for what has no text, or by an expression nothing
	 */
	text(label: string): string | undefined {
		if (this.isUnset) return undefined;
		const text = asText(this.value)?.trim();
		if (text && !this.isEmpty) return text;
		throw this.unusable(label, 'must be a text');
	}

	/**
	 * Undefined where nobody filled it in.
	 *
	 * @throws NodeOperationError for what is no such number
	 */
	wholeNumber(label: string, least: number, advice?: string): number | undefined {
		if (this.isUnset) return undefined;
		const value = toNumber(asText(this.value));
		if (value !== undefined && Number.isSafeInteger(value) && value >= least) return value;
		throw this.refusal(`'${label}' must be a whole number, ${least} or more`, advice);
	}

	private unusable(label: string, reason: string, advice?: string): NodeOperationError {
		return this.refusal(`'${label}' ${this.isEmpty ? GIVES_NOTHING : reason}`, advice);
	}

	refusal(
		message: string,
		description = 'Correct the expression or the input that it reads. Nothing was sent to EyeCloud Pro for it.',
	): NodeOperationError {
		const { functions, itemIndex } = this.place;
		return new NodeOperationError(functions.getNode(), message, { itemIndex, description });
	}
}

/** Nothing that anybody could have meant: no value, blanks, not a number, or a list of nothing else. */
export function isNothing(value: unknown): boolean {
	if (value === undefined || value === null) return true;
	if (typeof value === 'string') return value.trim() === '';
	if (typeof value === 'number') return Number.isNaN(value);
	if (Array.isArray(value)) return value.every(isNothing);
	return isCollection(value) && Object.keys(value).length === 0;
}

/** A plain object, none that has a meaning of its own, such as a date. */
function isCollection(value: unknown): value is Record<string, GenericValue> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function partOf(value: unknown, key: string | number): unknown {
	if (typeof value !== 'object' || value === null) return undefined;
	return Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
}
