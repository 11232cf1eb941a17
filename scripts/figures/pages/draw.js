/**
 * Runs in Chromium, beside Mermaid: a figure on a panel of its own, with plain SVG texts, which every viewer of SVG shows.
 * What `draw` takes is `DrawOptions` in figures.ts.
 */
const SVG = 'http://www.w3.org/2000/svg';

globalThis.draw = async ({ id, source, fingerprint, padding, style, font }) => {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: 'neutral',
    htmlLabels: false,
    fontFamily: font,
    fontSize: 15,
    flowchart: {
      htmlLabels: false,
      nodeSpacing: 16,
      rankSpacing: 32,
      padding: 9,
      curve: 'basis',
      wrappingWidth: 210,
    },
  });
  const { svg: text } = await mermaid.render(id, source);
  document.body.innerHTML = text;
  const svg = document.querySelector('svg');
  const { x, y, ...size } = sizeOf(svg, padding);
  svg.removeAttribute('style');
  set(svg, { ...size, viewBox: `${x} ${y} ${size.width} ${size.height}`, 'data-source-sha256': fingerprint });
  const panel = set(document.createElementNS(SVG, 'rect'), { class: 'panel', x, y, ...size, rx: 8 });
  const colours = document.createElementNS(SVG, 'style');
  colours.textContent = style.replaceAll('FIGURE', `#${id}`);
  svg.querySelector('style').after(colours, panel);
  return { svg: `${new XMLSerializer().serializeToString(svg)}\n`, ...size };
};

function sizeOf(svg, padding) {
  const { x, y, width, height } = svg.viewBox.baseVal;
  return {
    x: x - padding,
    y: y - padding,
    width: Math.ceil(width + 2 * padding),
    height: Math.ceil(height + 2 * padding),
  };
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
