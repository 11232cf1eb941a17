/** DejaVu is as wide as any usual font, so that text drawn with another one fits into its box. */
export const FONT = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif";

const LIGHT = '--panel: #ffffff; --edge: #d0d7de; --text: #1f2328; --line: #57606a; --node: #f6f8fa;';
const DARK = '--panel: #0d1117; --edge: #3d444d; --text: #e6edf3; --line: #9198a1; --node: #21262d;';

/**
 * Colours of a figure, which follow the system's light or dark theme. The panel behind it has a colour, too: the page may have the
 * other theme.
 */
export const STYLE = `
FIGURE { ${LIGHT} --kept: #dafbe1; --kept-edge: #1a7f37; --removed: #ffebe9; --removed-edge: #cf222e; --asked: #ddf4ff; --asked-edge: #0969da; }
@media (prefers-color-scheme: dark) {
  FIGURE { ${DARK} --kept: #12261e; --kept-edge: #3fb950; --removed: #2d1517; --removed-edge: #f85149; --asked: #121d2f; --asked-edge: #4493f8; }
}
FIGURE .panel { fill: var(--panel); stroke: var(--edge); stroke-width: 1px; }
FIGURE text, FIGURE tspan { fill: var(--text) !important; }
FIGURE .node rect, FIGURE .node polygon, FIGURE .node path { fill: var(--node) !important; stroke: var(--line) !important; stroke-width: 1.2px; }
FIGURE .node.kept rect { fill: var(--kept) !important; stroke: var(--kept-edge) !important; }
FIGURE .node.removed rect { fill: var(--removed) !important; stroke: var(--removed-edge) !important; }
FIGURE .node.asked polygon, FIGURE .node.asked rect { fill: var(--asked) !important; stroke: var(--asked-edge) !important; }
FIGURE .edgePaths path, FIGURE .flowchart-link { stroke: var(--line) !important; }
FIGURE .marker, FIGURE .marker path { fill: var(--line) !important; stroke: var(--line) !important; }
FIGURE .edgeLabel rect, FIGURE .edgeLabel .background { fill: var(--panel) !important; opacity: 1 !important; }
`;
