/** Follows a job of the server until it ends. Time comes in as an argument. */
import type { Job } from "../rest/knowledge_answers.ts";

const ASK_EVERY_MS = 700;
/** A server that restarts is asked again a few times before the watch gives up. */
const MISSES = 5;

export interface JobSource {
  job(id: string): Promise<Job>;
}

/** Resolves with the ended job; `told` is called with every state on the way. Rejects when it cannot be asked. */
export async function watchJob(
  source: JobSource,
  id: string,
  told: (job: Job) => void,
  wait: (milliseconds: number) => Promise<void>,
): Promise<Job> {
  for (let missed = 0; ; await wait(ASK_EVERY_MS)) {
    try {
      const job = await source.job(id);
      missed = 0;
      told(job);
      if (job.state !== "running") return job;
    } catch (error) {
      missed += 1;
      if (missed >= MISSES) throw error;
    }
  }
}

export function afterTimeout(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
