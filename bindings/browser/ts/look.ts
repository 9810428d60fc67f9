/** How the tools look: light and dark, at any width, still where no motion is wanted. */
export const STYLE = `
:host{all:initial;--back:#fff;--text:#1a1c20;--muted:#5b616b;--line:#d5d9df;--soft:#f3f4f6;--accent:#0b57d0;--over:#fff1cc;--mark:#7a4a00;--bad:#b3261e;color-scheme:light;font:14px/1.45 system-ui,sans-serif;color:var(--text)}
@media(prefers-color-scheme:dark){:host{--back:#17191e;--text:#e8eaed;--muted:#a5abb6;--line:#3a3f48;--soft:#23262d;--accent:#8ab4f8;--over:#3b2f10;--mark:#ffd67d;--bad:#ffb4ab;color-scheme:dark}}
@media print{:host{display:none}}
*{box-sizing:border-box;margin:0;font:inherit;color:inherit}
[hidden]{display:none!important}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
button,input{min-height:32px;padding:4px 12px;border:1px solid var(--line);border-radius:8px;background:var(--back)}
button{cursor:pointer}
button:hover:enabled:not([aria-pressed=true]){background:var(--soft)}
button:disabled{color:var(--muted);cursor:default;border-style:dashed}
input{flex:1;min-width:0}
[aria-pressed=true],.opener .count:not(:empty){background:var(--accent);color:var(--back)}
[aria-invalid]{border-color:var(--bad)}
.opener,dialog{position:fixed;z-index:2147483647;right:16px;bottom:16px;box-shadow:0 4px 24px #0003}
.opener{min-height:40px;padding:4px 16px;border-radius:20px;font-weight:600}
.count:not(:empty){margin-left:8px;padding:1px 8px;border-radius:10px}
dialog{inset:auto 16px 16px auto;width:432px;max-width:none;height:min(640px,100dvh - 32px);max-height:none;padding:0;border:1px solid var(--line);border-radius:14px;background:var(--back);overflow:hidden}
dialog[open]{display:flex;flex-direction:column}
header,.tools{display:flex;align-items:center;gap:8px;padding:10px 16px 0}
h2{font-size:17px;font-weight:650}
header p{flex:1;text-align:right}
.plain{border:0;margin-right:-8px}
.muted{color:var(--muted);font-size:13px}
.problem{color:var(--bad)}
.problem:not(:empty){padding:6px 16px 0}
[role=status]{padding:8px 16px}
ul{flex:1;overflow:auto;padding:0;list-style:none;border-top:1px solid var(--line);overscroll-behavior:contain}
li{border-bottom:1px solid var(--line)}
.overridden{background:var(--over)}
.mark{flex:none;color:var(--mark);font-size:12px;font-weight:600}
summary{display:flex;align-items:center;gap:10px;min-height:40px;padding:6px 16px;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary:focus-visible{outline-offset:-2px}
summary::before{content:"";flex:none;width:6px;height:6px;border:solid var(--muted);border-width:0 2px 2px 0;rotate:-45deg}
[open]>summary::before{rotate:45deg}
summary span{flex:1;overflow-wrap:anywhere;font-weight:550}
code,dd,pre,.json,.variant{font-family:ui-monospace,monospace;font-size:13px}
code{max-width:45%;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.body{padding:2px 16px 14px 32px}
dl{display:grid;align-items:baseline;grid-template-columns:auto 1fr;gap:3px 14px}
dt{color:var(--muted)}
dd{overflow-wrap:anywhere}
.choice{margin-top:10px}
.variants,form{display:flex;flex-wrap:wrap;gap:8px;margin-top:6px}
.choice .problem:not(:empty){padding:6px 0 0}
.choice+div:not(:empty){margin-top:10px}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:10px;border-radius:8px;background:var(--back);border:1px solid var(--line)}
@media(max-width:480px){dialog{inset:auto 0 0;width:100%;height:min(640px,85dvh);border-radius:14px 14px 0 0}button,input,summary{min-height:44px}input{font-size:16px}}
@media(prefers-reduced-motion:no-preference){summary::before{transition:rotate .15s}dialog{animation:in .15s}@keyframes in{from{opacity:0;translate:0 8px}}}
`;
