// A chat model on loopback that does what a test tells it: it speaks OpenAI's chat completions, asks
// for tools in the order of its script, and then answers with what the tools gave it. Started by the
// tests in this folder; n8n's OpenAI Chat Model node is pointed at it.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';

/** A chat completion request, as far as anything here looks at it. */
export interface ReceivedChat {
	messages: Array<{ role: string; content: string | null }>;
	tools: Array<{ function: { name: string; description: string } }>;
	/** The request as it came, to look for what must not be in there. */
	raw: string;
}

/** What the model asks for in one turn: a tool by name, or by where it stands, with arguments. */
export interface ToolCall {
	tool: string;
	arguments: Record<string, unknown>;
}

export const modelName = 'scripted';

export async function startScriptedModel() {
	const received: ReceivedChat[] = [];
	let script: ToolCall[] = [];
	const app = express();
	app.use(express.json({ limit: '20mb' }));
	app.post('/v1/chat/completions', (request: Request, response: Response) => {
		const chat = readChat(request);
		received.push(chat);
		const results = resultsIn(chat);
		const call = script.at(results.length);
		const message = call ? asking(call, results.length) : answering(results);
		if (request.body.stream === true) streamed(response, message);
		else response.json(completion(message));
	});
	const server = app.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		/** For the credential's Base URL. */
		baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		received,
		/** Forgets what it received; from now on it asks for these tools, one a turn, then answers. */
		follow(calls: ToolCall[]): void {
			script = calls;
			received.length = 0;
		},
		/** What the tools gave back in the last conversation, in order. */
		toolResults() {
			const last = received.at(-1);
			return last ? resultsIn(last) : [];
		},
		async stop() {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		},
	};
}

type Answer = { content: string | null; tool_calls?: Array<Record<string, unknown>> };

function readChat({ body }: Request): ReceivedChat {
	const { messages, tools = [] } = body as ReceivedChat;
	return { messages, tools, raw: JSON.stringify(body) };
}

function resultsIn({ messages }: ReceivedChat): string[] {
	return messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
}

function asking(call: ToolCall, index: number): Answer {
	const calledFunction = { name: call.tool, arguments: JSON.stringify(call.arguments) };
	return {
		content: null,
		tool_calls: [{ id: `call_${index}`, type: 'function', function: calledFunction }],
	};
}

/** A person can read it, and a test can find what the agent was given. */
function answering(results: string[]): Answer {
	return { content: `The tools answered: ${results.join('\n')}` };
}

const common = { id: 'chatcmpl-scripted', created: 0, model: modelName };
const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

function completion(message: Answer): Record<string, unknown> {
	return {
		...common,
		object: 'chat.completion',
		choices: [{ index: 0, message: { role: 'assistant', ...message }, ...endOf(message) }],
		usage,
	};
}

function endOf(message: Answer): { finish_reason: string } {
	return { finish_reason: message.tool_calls ? 'tool_calls' : 'stop' };
}

/** The same in one piece of a stream. */
function streamed(response: Response, message: Answer): void {
	const toolCalls = message.tool_calls?.map((call, index) => ({ index, ...call }));
	const delta = { role: 'assistant', ...message, ...(toolCalls && { tool_calls: toolCalls }) };
	const chunk = { ...common, object: 'chat.completion.chunk' };
	response.type('text/event-stream');
	for (const choice of [
		{ index: 0, delta, finish_reason: null },
		{ index: 0, delta: {}, ...endOf(message) },
	]) {
		response.write(`data: ${JSON.stringify({ ...chunk, choices: [choice] })}\n\n`);
	}
	response.end('data: [DONE]\n\n');
}
