from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "answering.accounts"
    label = "accounts"
