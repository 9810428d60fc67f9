import type { AnyProviderEvent, EventContext, EventHandler, ProviderEventEmitter } from "@openfeature/core";

/** The events of a provider. It is here so that no SDK has to be: the one for pages and the one for servers each have their own. */
export class Emitter implements ProviderEventEmitter<AnyProviderEvent> {
  readonly #handlers = new Map<AnyProviderEvent, EventHandler[]>();

  /** What a handler does before it waits is done when this returns. */
  emit(event: `${AnyProviderEvent}`, context?: EventContext): void {
    for (const handler of this.getHandlers(event as AnyProviderEvent)) void handler(context as Parameters<EventHandler>[0]);
  }

  addHandler(event: AnyProviderEvent, handler: EventHandler): void {
    this.#handlers.set(event, [...this.getHandlers(event), handler]);
  }

  removeHandler(event: AnyProviderEvent, handler: EventHandler): void {
    this.#handlers.set(event, this.getHandlers(event).filter((other) => other !== handler));
  }

  removeAllHandlers(event?: AnyProviderEvent): void {
    if (event === undefined) this.#handlers.clear();
    else this.#handlers.delete(event);
  }

  getHandlers(event: AnyProviderEvent): EventHandler[] {
    return this.#handlers.get(event) ?? [];
  }

  /** Nothing is logged: what a handler throws reaches whoever emitted. */
  setLogger(): this {
    return this;
  }
}
