"""Addresses of the bank desk; included by exams.urls, so under its namespace."""

from django.urls import path

from exams.views import bank, blueprints, editing, imports, pictures

urlpatterns = [
    path("exams/pictures/<slug:digest>/", pictures.picture, name="picture"),
    path("banks/", bank.banks, name="banks"),
    path("banks/new/", bank.bank_new, name="bank_new"),
    path("banks/template.xlsx", imports.template, name="import_template"),
    path("banks/<slug:code>/", bank.bank, name="bank"),
    path("banks/<slug:code>/import/", imports.import_file, name="import"),
    path("banks/<slug:code>/export.<slug:kind>", imports.export, name="export"),
    path("banks/<slug:code>/new/", editing.item_new, name="item_new"),
    path("banks/<slug:code>/items/<path:item>/edit/", editing.item_edit, name="item_edit"),
    path("banks/<slug:code>/items/<path:item>/<slug:act>/do/", bank.item_act, name="item_act"),
    path("banks/<slug:code>/items/<path:item>/", bank.item, name="item"),
    path("blueprints/", blueprints.blueprints, name="blueprints"),
    path("blueprints/new/", blueprints.blueprint_new, name="blueprint_new"),
    path("blueprints/<slug:code>/", blueprints.blueprint, name="blueprint"),
    path("blueprints/<slug:code>/edit/", blueprints.blueprint_edit, name="blueprint_edit"),
    path("blueprints/<slug:code>/<slug:act>/do/", blueprints.blueprint_act, name="blueprint_act"),
]
