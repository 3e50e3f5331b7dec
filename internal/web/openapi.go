package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/http"
)

//go:embed assets/openapi.json
var openapiJSON []byte

// describe is the API's description, with the daemon's version in it.
func describe(version string) []byte {
	quoted, err := json.Marshal(version)
	if version == "" || err != nil {
		return openapiJSON
	}
	return bytes.Replace(openapiJSON, []byte(`"version": "dev"`), append([]byte(`"version": `), quoted...), 1)
}

func (s *Server) describeAPI(w http.ResponseWriter, _ *http.Request, _ Token) error {
	w.Header().Set("Content-Type", "application/json")
	w.Write(s.openapi)
	return nil
}
