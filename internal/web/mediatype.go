package web

import (
	"net/http"

	"github.com/astreinte/astreinte/docs/sources"
)

// zabbixMediaType is the file to import into Zabbix. There is no secret in it.
func (s *Server) zabbixMediaType(w http.ResponseWriter, _ *http.Request, _ Token) error {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Content-Disposition", `attachment; filename="zabbix-media-type.yaml"`)
	w.Write(sources.ZabbixMediaType)
	return nil
}
