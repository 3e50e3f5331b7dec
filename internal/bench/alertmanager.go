package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// peerSettings are Alertmanager's. They make it do what the daemon does: one
// notification for each group as it appears, without waiting for more. If the
// first page is hours ahead, it waits as long.
const peerSettings = `
route:
  {receiver: bench, group_by: [alertname], group_wait: 0s, group_interval: 5m, repeat_interval: 12h,
   routes: [{matchers: ['policy="later"'], group_wait: 12h}]}
receivers:
  - {name: bench, webhook_configs: [{url: "http://%s/hook", send_resolved: false}]}
`

// alertmanager makes s the real Alertmanager.
func (b *bench) alertmanager(s *subject) error {
	s.path, s.ready = "/api/v2/alerts", "/-/ready"
	path := filepath.Join(s.dir, "alertmanager.yml")
	if err := os.WriteFile(path, fmt.Appendf(nil, peerSettings, s.provider.address), 0o600); err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	s.launch = func() (*process, error) {
		return launch("alertmanager", s.dir, alertmanagerProgram,
			"--config.file="+path, "--storage.path="+filepath.Join(s.dir, "data"),
			"--web.listen-address="+s.address, "--cluster.listen-address=")
	}
	return nil
}
