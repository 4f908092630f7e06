import { render } from 'preact';
import { CHART_CSS } from '../../src/chart/svg/chartStyle.js';
import { startKeys } from './keys.js';
import { Page } from './page.js';
import { startHeat } from './panels/chart/chartHeat.js';
import { loadOverview, startData } from './state/data.js';
import { startLive } from './state/live.js';
import { token } from './state/operator.js';
import { startPlace } from './state/place.js';
import { startPreferences } from './state/preferences.js';
import { startTimeline } from './state/timeline.js';
import './styles/page.css';

const chartStyles = new CSSStyleSheet();
chartStyles.replaceSync(CHART_CSS);
// These come last in the cascade: the page names its own colours more specifically.
document.adoptedStyleSheets = [chartStyles];

startPreferences();
startPlace((brought) => (token.value = brought));
render(<Page />, document.getElementById('page')!);
startData();
startTimeline();
startHeat();
startKeys();
await loadOverview();
startLive();
