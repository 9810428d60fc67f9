// What the playground starts with: small, complete, and easy to break.

/** A ruleset to play with. */
export const SAMPLE = `{
  "flags": {
    "night-sailing": {
      "type": "boolean",
      "variants": { "on": true, "off": false },
      "offVariant": "off",
      "expose": "program",
      "rules": [
        {
          "name": "fleet, new app",
          "when": {
            "all": [
              { "attr": "plan", "is": "fleet" },
              { "attr": "/app/version", "semver": ">=2.1.0" }
            ]
          },
          "serve": "on"
        },
        {
          "name": "a tenth of the north",
          "when": { "attr": "country", "in": ["DE", "GB"] },
          "serve": { "split": [["on", 10], ["off", 90]] }
        }
      ],
      "default": "off"
    },
    "greeting": {
      "type": "string",
      "variants": { "north": "Moin", "south": "Servus", "sea": "Ahoy" },
      "offVariant": "sea",
      "expose": "program",
      "rules": [
        { "when": { "attr": "country", "is": "DE" }, "serve": "north" },
        { "when": { "attr": "country", "in": ["AT", "CH"] }, "serve": "south" }
      ],
      "default": "sea"
    }
  }
}
`;
