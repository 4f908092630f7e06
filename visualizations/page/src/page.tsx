import { useEffect } from 'preact/hooks';
import { Banners } from './panels/banners.js';
import { ChartPane } from './panels/chart/chartPane.js';
import { Head } from './panels/head.js';
import { Help } from './panels/help.js';
import { Inspector } from './panels/inspector.js';
import { MapPane } from './panels/map/mapPane.js';
import { ConfirmDialog } from './panels/operator/confirm.js';
import { TimelinePane } from './panels/timeline/timelinePane.js';
import { Tooltip } from './panels/tooltip.js';
import { moments, overview } from './state/data.js';
import { locale } from './texts/locale.js';

export function Page() {
  useEffect(() => {
    document.documentElement.lang = locale.value === 'zh' ? 'zh-CN' : 'en';
    document.title = overview.value ? `${overview.value.name} · Kintsugi` : 'Kintsugi';
  }, [locale.value, overview.value?.name]);
  return (
    <div class="page" data-shown={moments.key.value}>
      <Head />
      <Banners />
      <main class="panes">
        <MapPane />
        <ChartPane />
        <Inspector />
      </main>
      <TimelinePane />
      <Tooltip />
      <ConfirmDialog />
      <Help />
    </div>
  );
}
