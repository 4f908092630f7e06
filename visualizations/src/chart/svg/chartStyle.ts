/**
 * How a chart and the map look. Colours are custom properties, so that a page may set its own; a file of its own
 * carries them along, and follows the reader's light or dark.
 */
const LIGHT = `--chart-bg:#ffffff;--chart-box:#ffffff;--chart-group:#f6f8fb;--chart-line:#64748b;--chart-text:#0f172a;--chart-soft:#64748b;--chart-rule:#7c3aed;--chart-event:#0f172a;--chart-delay:#0e7490;--chart-guard:#b45309;--chart-action:#475569;--chart-active:#2563eb;--chart-active-bg:#dbeafe;--chart-taken:#ea580c;--chart-heat:#dc2626;--chart-good:#16a34a;--chart-bad:#dc2626`;
const DARK = `--chart-bg:#0d1117;--chart-box:#161b22;--chart-group:#11161d;--chart-line:#7d8ca3;--chart-text:#e6edf3;--chart-soft:#8b98ab;--chart-rule:#b794f6;--chart-event:#e6edf3;--chart-delay:#67e8f9;--chart-guard:#fbbf24;--chart-action:#a8b3c4;--chart-active:#60a5fa;--chart-active-bg:#1e3a5f;--chart-taken:#fb923c;--chart-heat:#f87171;--chart-good:#4ade80;--chart-bad:#f87171`;

const FONT_MONO = `ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace`;
const FONT_SANS = `system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif`;

/** Every rule begins with `.kchart`, the class of the picture. */
export const CHART_CSS = `
.kchart{${LIGHT}}
@media (prefers-color-scheme:dark){.kchart{${DARK}}}
.kchart.light{${LIGHT}}
.kchart.dark{${DARK}}
.kchart text{font:11px ${FONT_MONO};fill:var(--chart-text);white-space:pre}
.kchart .title{font:600 13px ${FONT_SANS};fill:var(--chart-text)}
.kchart .bg{fill:var(--chart-bg)}
.kchart .frame{fill:none;stroke:var(--chart-line);stroke-opacity:.35}
.kchart .state>rect{fill:var(--chart-box);stroke:var(--chart-line);stroke-width:1.3}
.kchart .state.compound>rect,.kchart .state.parallel>rect{fill:var(--chart-group)}
.kchart .state.region>rect{stroke-dasharray:5 4}
.kchart .state>rect.inner{fill:none}
.kchart .any>rect{fill:var(--chart-group);stroke:var(--chart-line);stroke-dasharray:2 3;stroke-width:1.3}
.kchart .any .title{font-style:italic;fill:var(--chart-soft)}
.kchart .dot{fill:var(--chart-line)}
.kchart .edge .line{fill:none;stroke:var(--chart-line);stroke-width:1.3;stroke-linejoin:round}
.kchart .edge .tip{fill:var(--chart-line);stroke:none}
.kchart .rule{fill:var(--chart-rule)}
.kchart .event{fill:var(--chart-event)}
.kchart .delay{fill:var(--chart-delay)}
.kchart .guard{fill:var(--chart-guard)}
.kchart .actions,.kchart .target{fill:var(--chart-action)}
.kchart .note,.kchart .clock{fill:var(--chart-soft)}
.kchart .clock{text-anchor:end;fill:var(--chart-delay)}
.kchart .hit{fill:transparent}
.kchart .way:hover .hit{fill:var(--chart-active);fill-opacity:.12}
.kchart .state.active>rect{stroke:var(--chart-active);stroke-width:2.4}
.kchart .state.active.leaf>rect{fill:var(--chart-active-bg)}
.kchart .edge.taken .line{stroke:var(--chart-taken);stroke-width:2.6;stroke-dasharray:8 5;animation:kchart-flow .5s linear infinite}
.kchart .edge.taken .tip{fill:var(--chart-taken)}
.kchart .way.taken .hit{fill:var(--chart-taken);fill-opacity:.16}
.kchart .way.taken text,.kchart .way.taken tspan{fill:var(--chart-taken);font-weight:600}
.kchart .edge.never .line{stroke-dasharray:2 4;stroke-opacity:.6}
.kchart .way.never text{opacity:.5}
.kchart .edge.heat1 .line{stroke-width:1.8}
.kchart .edge.heat2 .line{stroke-width:2.4;stroke:var(--chart-heat);stroke-opacity:.5}
.kchart .edge.heat3 .line{stroke-width:3;stroke:var(--chart-heat);stroke-opacity:.65}
.kchart .edge.heat4 .line{stroke-width:3.8;stroke:var(--chart-heat);stroke-opacity:.8}
.kchart .edge.heat5 .line{stroke-width:4.6;stroke:var(--chart-heat)}
.kchart .edge.heat2 .tip,.kchart .edge.heat3 .tip,.kchart .edge.heat4 .tip,.kchart .edge.heat5 .tip{fill:var(--chart-heat)}
.kchart .state.heat1>rect{fill:color-mix(in srgb,var(--chart-heat) 5%,var(--chart-box))}
.kchart .state.heat2>rect{fill:color-mix(in srgb,var(--chart-heat) 12%,var(--chart-box))}
.kchart .state.heat3>rect{fill:color-mix(in srgb,var(--chart-heat) 20%,var(--chart-box))}
.kchart .state.heat4>rect{fill:color-mix(in srgb,var(--chart-heat) 30%,var(--chart-box))}
.kchart .state.heat5>rect{fill:color-mix(in srgb,var(--chart-heat) 42%,var(--chart-box))}
.kchart .group>rect{fill:var(--chart-group);stroke:var(--chart-line);stroke-opacity:.35}
.kchart .group .title{fill:var(--chart-soft)}
.kchart .node>rect{fill:var(--chart-box);stroke:var(--chart-line);stroke-width:1.3}
.kchart .node.outside>rect{fill:var(--chart-bg);stroke-dasharray:5 4}
.kchart .node .now{fill:var(--chart-delay)}
.kchart .node.good>rect{stroke:var(--chart-good)}
.kchart .node.bad>rect{stroke:var(--chart-bad);stroke-width:2.2}
.kchart .flow .line{fill:none;stroke:var(--chart-line);stroke-width:1.2}
.kchart .flow.outside .line{stroke-opacity:.55}
.kchart .flow .tip{fill:var(--chart-line);stroke:none}
.kchart .flow:hover .line{stroke:var(--chart-active);stroke-opacity:1;stroke-width:2.2}
.kchart .flow:hover .tip{fill:var(--chart-active)}
.kchart .flow.pulse .line,.kchart .flow.pulseBack .line{stroke:var(--chart-taken);stroke-opacity:1;stroke-width:2.4;stroke-dasharray:8 5;animation:kchart-flow .5s linear infinite}
.kchart .flow.pulseBack .line{animation-direction:reverse}
.kchart .flow.pulse .tip,.kchart .flow.pulseBack .tip{fill:var(--chart-taken)}
@keyframes kchart-flow{to{stroke-dashoffset:-13}}
@media (prefers-reduced-motion:reduce){.kchart .line{animation:none!important}}
`;
