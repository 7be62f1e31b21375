"""How every form of the product is drawn."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Label, help, error and field in one place: `templates/components/field.html`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
