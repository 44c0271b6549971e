// A clock on which nobody waits: whenever the process has nothing else to do, it jumps to the end of the
// shortest sleep. Used by tests directly, and through fastTime.ts.
import type { Clock } from '../../nodes/EyeCloudPro/api/clock';
import { CancelledError } from '../../nodes/EyeCloudPro/api/errors';

interface Sleeper {
	atMs: number;
	wake: () => void;
}

export class FakeClock implements Clock {
	/** Every sleep that was asked for, in milliseconds. */
	slept: number[] = [];

	onSleep: (durationMs: number) => void = () => {};

	/** How far the machine's clock has been set since the beginning. */
	setMs = 0;

	private workedMs = 0;

	private sleepers: Sleeper[] = [];

	private isHeld = false;

	constructor(private nowMs = 0) {}

	now(): number {
		return this.nowMs + this.setMs;
	}

	elapsedMs(): number {
		return this.nowMs;
	}

	busyMs(): number {
		return this.workedMs;
	}

	/** Passes time in which nothing else can be done. */
	work(durationMs: number): void {
		this.nowMs += durationMs;
		this.workedMs += durationMs;
	}

	async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted) throw new CancelledError();
		this.slept.push(durationMs);
		this.onSleep(durationMs);
		await new Promise<void>((resolve, reject) => {
			const sleeper = { atMs: this.nowMs + durationMs, wake: resolve };
			this.sleepers.push(sleeper);
			const onAbort = () => {
				this.sleepers = this.sleepers.filter((other) => other !== sleeper);
				reject(new CancelledError());
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			setImmediate(() => this.wakeNext());
		});
	}

	/** Stops the time: who sleeps from now on sleeps until `release`, or until the signal aborts. */
	hold(): void {
		this.isHeld = true;
	}

	/** Lets time pass again, for those as well who slept meanwhile. */
	release(): void {
		this.isHeld = false;
		this.sleepers.forEach(() => setImmediate(() => this.wakeNext()));
	}

	/** Forgets those who sleep, and lets time pass again. */
	reset(): void {
		this.isHeld = false;
		this.sleepers = [];
		this.slept = [];
		this.onSleep = () => {};
	}

	private wakeNext(): void {
		if (this.isHeld || this.sleepers.length === 0) return;
		const next = this.sleepers.reduce((first, other) => (other.atMs < first.atMs ? other : first));
		this.sleepers = this.sleepers.filter((other) => other !== next);
		this.nowMs = Math.max(this.nowMs, next.atMs);
		next.wake();
	}
}
