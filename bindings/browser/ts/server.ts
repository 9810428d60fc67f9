export * from "./server/provider.js";
export * from "./server/snapshot.js";
