import { describe, expect, test } from "vitest";
import { watchJob } from "../../src/admin/job_watch.ts";
import type { Job } from "../../src/rest/knowledge_answers.ts";

function job(state: Job["state"], done = 0): Job {
  return { job: "j1", kind: "publish", state, progress: { step: "encode", done, of: 10 }, report: null };
}

function scripted(...answers: (Job | Error)[]): { job(id: string): Promise<Job> } {
  return {
    job: async () => {
      const answer = answers.shift() ?? new Error("asked too often");
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

const atOnce = async (): Promise<void> => undefined;

describe("a job of the server", () => {
  test("is followed until it is done", async () => {
    const told: number[] = [];
    const source = scripted(job("running", 1), job("running", 5), job("done", 10));
    const ended = await watchJob(source, "j1", ({ progress }) => told.push(progress.done), atOnce);
    expect(ended.state).toBe("done");
    expect(told).toEqual([1, 5, 10]);
  });

  test("survives a server that is away for a moment", async () => {
    const gone = new Error("gone");
    const source = scripted(job("running"), gone, gone, gone, gone, job("failed"));
    expect((await watchJob(source, "j1", () => undefined, atOnce)).state).toBe("failed");
  });

  test("is given up when the server stays away", async () => {
    const source = scripted(...Array.from({ length: 5 }, () => new Error("gone")));
    await expect(watchJob(source, "j1", () => undefined, atOnce)).rejects.toThrow("gone");
  });
});
