/* SPDX-License-Identifier: Apache-2.0 */
"use strict";

/* Nothing is asked of anybody but this service: no validator elsewhere, no document but its own. A token lives as long as the page. */
window.ui = SwaggerUIBundle({
	url: "/openapi.json",
	dom_id: "#docs",
	presets: [SwaggerUIBundle.presets.apis],
	layout: "BaseLayout",
	validatorUrl: null,
	deepLinking: true,
	displayRequestDuration: true,
	persistAuthorization: false,
});
