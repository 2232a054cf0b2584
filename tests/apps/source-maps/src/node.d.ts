// The little of node's API that the application uses.
declare module 'fs' {
  export function access(path: string, done: () => void): void;
}
declare module 'http' {
  export interface Answer { setHeader(name: string, value: string): void; end(body: string): void; statusCode: number }
  export function createServer(handler: (request: { url: string }, response: Answer) => void): { listen(port: number, host: string): void };
}
declare const process: { argv: string[] };
interface ErrorConstructor { captureStackTrace(target: object, above?: Function): void; stackTraceLimit: number }
